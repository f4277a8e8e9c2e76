//! The scripts that run in the cluster, as text for the ConfigMap `gocd-runtime`.

/// Every file of the ConfigMap `gocd-runtime`, name and text, sorted by name.
///
/// The files lie in `templates/runtime/` and are mounted at `/gocd-lib` with mode 0755.
/// `gocd.jq` is no script but the jq module that the scripts of the run's first step use, `set-image.awk` a program of
/// `deliver.sh`.
pub const SCRIPTS: &[(&str, &str)] = &[
    ("askpass.sh", include_str!("../../templates/runtime/askpass.sh")),
    ("bridge.sh", include_str!("../../templates/runtime/bridge.sh")),
    ("changes.sh", include_str!("../../templates/runtime/changes.sh")),
    ("checkout.sh", include_str!("../../templates/runtime/checkout.sh")),
    ("container.sh", include_str!("../../templates/runtime/container.sh")),
    ("deliver.sh", include_str!("../../templates/runtime/deliver.sh")),
    ("git-credentials.sh", include_str!("../../templates/runtime/git-credentials.sh")),
    ("gocd.jq", include_str!("../../templates/runtime/gocd.jq")),
    ("image-config.awk", include_str!("../../templates/runtime/image-config.awk")),
    ("images.sh", include_str!("../../templates/runtime/images.sh")),
    ("inside.sh", include_str!("../../templates/runtime/inside.sh")),
    ("lib.sh", include_str!("../../templates/runtime/lib.sh")),
    ("needs-decision.sh", include_str!("../../templates/runtime/needs-decision.sh")),
    ("prepare.sh", include_str!("../../templates/runtime/prepare.sh")),
    ("quote.sh", include_str!("../../templates/runtime/quote.sh")),
    ("reconcile.sh", include_str!("../../templates/runtime/reconcile.sh")),
    ("run-ended.sh", include_str!("../../templates/runtime/run-ended.sh")),
    ("run-in.sh", include_str!("../../templates/runtime/run-in.sh")),
    ("serve.sh", include_str!("../../templates/runtime/serve.sh")),
    ("set-image.awk", include_str!("../../templates/runtime/set-image.awk")),
    ("stage-passed.sh", include_str!("../../templates/runtime/stage-passed.sh")),
    ("state.sh", include_str!("../../templates/runtime/state.sh")),
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_there_once_and_sorted() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/runtime");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        assert_eq!(SCRIPTS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), files);
    }

    #[test]
    fn the_config_map_stays_far_below_its_limit() {
        let bytes: usize = SCRIPTS.iter().map(|(name, text)| name.len() + text.len()).sum();
        assert!(bytes < 200_000, "{bytes} bytes");
    }

    #[test]
    fn no_script_turns_the_check_of_host_keys_off() {
        for (name, text) in SCRIPTS {
            assert!(!text.contains("StrictHostKeyChecking=no"), "{name}");
            assert!(!text.contains('\r'), "{name}");
        }
    }
}
