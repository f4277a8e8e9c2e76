//! Which commands deploy: what people run by hand, and scripts of the repository that do.

use crate::plan::image::docker::{base, prefix_of};
use crate::plan::image::folder::{self, Folder};
use crate::plan::image::shell::{Command, Script, Word};

/// What a command has to do with a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It changes what runs.
    Deploy,
    /// It takes a change back.
    Rollback,
    /// It only waits for one.
    Wait,
    /// It commits or pushes what `kustomize edit` has changed.
    Commit,
}

/// What a command does; `None` when it has nothing to do with deployments.
pub fn command(words: &[Word]) -> Option<Kind> {
    let (prefix, rest) = prefix_of(words);
    if prefix.asks {
        return None;
    }
    let tool = rest.first()?.constant()?;
    let verbs: Vec<String> = verbs(rest.get(1..).unwrap_or_default()).take(3).collect();
    let verbs: Vec<&str> = verbs.iter().map(String::as_str).collect();
    match (base(&tool), verbs.as_slice()) {
        ("kubectl" | "oc", ["apply" | "replace", ..] | ["set", "image", ..] | ["rollout", "restart", ..])
        | ("helm" | "helm3", ["upgrade" | "install", ..])
        | ("helmfile", ["apply" | "sync", ..])
        | ("kustomize", ["edit", "set", "image"])
        | ("argocd", ["app", "sync" | "set", ..]) => Some(Kind::Deploy),
        ("kubectl" | "oc", ["rollout", "undo", ..])
        | ("helm" | "helm3", ["rollback", ..])
        | ("argocd", ["app", "rollback", ..]) => Some(Kind::Rollback),
        ("kubectl" | "oc", ["rollout", "status", ..] | ["wait", ..]) | ("argocd", ["app", "wait", ..]) => {
            Some(Kind::Wait)
        }
        ("git", ["add" | "commit" | "push", ..]) => Some(Kind::Commit),
        _ => None,
    }
}

/// The words that are no options and no values of common ones.
fn verbs(words: &[Word]) -> impl Iterator<Item = String> {
    let mut is_value = false;
    words.iter().filter_map(move |word| {
        let text = word.constant().unwrap_or_else(|| word.source.clone());
        if std::mem::take(&mut is_value) {
            return None;
        }
        is_value = matches!(
            text.as_str(),
            "-n" | "--namespace"
                | "--context"
                | "--kube-context"
                | "--kubeconfig"
                | "--cluster"
                | "--user"
                | "-s"
                | "--server"
                | "--token"
                | "-f"
                | "--filename"
                | "-C"
                | "-e"
                | "--environment"
        );
        (!text.starts_with('-')).then_some(text)
    })
}

/// What a script of the repository does, when the command calls one: a path, perhaps behind a shell's name.
pub fn script(
    words: &[Word],
    from: &Folder,
    destinations: &[&str],
    files: &dyn Fn(&str) -> Option<String>,
) -> Option<Kind> {
    let (_, rest) = prefix_of(words);
    let first = rest.first()?.constant()?;
    let path = match base(&first) {
        "sh" | "bash" | "dash" | "zsh" | "." | "source" => {
            rest.iter().skip(1).filter_map(Word::constant).find(|word| !word.starts_with('-'))?
        }
        _ if first.contains('/') => first,
        _ => return None,
    };
    let full = folder::join(from.path.as_deref()?, &path);
    let below = folder::below(&full)?;
    // The repository may be checked out into a folder of the pipeline's own.
    let inner = destinations.iter().filter_map(|folder| below.strip_prefix(folder)?.strip_prefix('/'));
    let text = std::iter::once(below).chain(inner).find_map(files)?;
    let kinds: Vec<Kind> =
        Script::read(&text).commands.iter().filter_map(|called: &Command| command(&called.words)).collect();
    [Kind::Deploy, Kind::Rollback].into_iter().find(|kind| kinds.contains(kind))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Kind> {
        command(&Script::read(text).commands[0].words)
    }

    #[test]
    fn commands_that_deploy() {
        for text in [
            "kubectl apply -f x.yaml",
            "kubectl -n prod apply -k .",
            "sudo kubectl --context \"$CONTEXT\" set image deployment/app app=x:1",
            "kubectl rollout restart deployment/app",
            "helm upgrade --install app ./chart",
            "/usr/local/bin/helm --kube-context a upgrade app chart",
            "kustomize edit set image app=x:1",
            "timeout 60 argocd app sync app",
            "argocd --server a app set app -p image=x",
            "helmfile -e staging apply",
        ] {
            assert_eq!(of(text), Some(Kind::Deploy), "{text}");
        }
        for text in ["helm rollback app", "kubectl rollout undo deployment/app"] {
            assert_eq!(of(text), Some(Kind::Rollback), "{text}");
        }
        assert_eq!(of("kubectl rollout status deployment/app"), Some(Kind::Wait));
        for text in [
            "kubectl get pods",
            "helm diff upgrade app chart",
            "helm template upgrade",
            "kubectl logs apply",
            "command -v kubectl apply",
            "echo kubectl apply",
            "kustomize build",
            "argocd app get app",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn scripts_of_the_repository() {
        let files = |path: &str| match path {
            "scripts/deploy.sh" => {
                Some("set -e\nif x; then helm upgrade a b; fi\nhelm rollback a\n".to_string())
            }
            "scripts/back.sh" => Some("helm rollback a".to_string()),
            "scripts/other.sh" => Some("echo helm upgrade; git push".to_string()),
            _ => None,
        };
        let of = |text: &str| {
            script(&Script::read(text).commands[0].words, &Folder::at("/workspace"), &["app"], &files)
        };
        for text in [
            "scripts/deploy.sh prod",
            "bash -e ./scripts/deploy.sh",
            "sudo app/scripts/deploy.sh",
            ". scripts/deploy.sh",
        ] {
            assert_eq!(of(text), Some(Kind::Deploy), "{text}");
        }
        assert_eq!(of("app/scripts/back.sh"), Some(Kind::Rollback));
        for text in [
            "scripts/other.sh",
            "cat scripts/deploy.sh",
            "../scripts/deploy.sh",
            "bash -c x",
            "scripts/none.sh",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
