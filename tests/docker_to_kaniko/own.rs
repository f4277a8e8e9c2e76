//! Cases of our own, in the format of the oracle.

use crate::judge;
use serde_json::Value as Json;

/// Cases that do not come out as expected, each with the reason.
const NOT_REACHED: &[(&str, &str)] = &[(
    "run-detached",
    "written before `docker run -d` of a service became a container of the pod, which keeps running as in docker \
     (tests/docker_to_kaniko/executed.rs)",
)];

#[test]
fn every_case_of_our_own_comes_out_as_expected_or_is_listed() {
    let files = [
        include_str!("own/flow.json"),
        include_str!("own/values.json"),
        include_str!("own/tools.json"),
        include_str!("own/options.json"),
        include_str!("own/tasks.json"),
        include_str!("own/followed.json"),
    ];
    let read = |text: &str| serde_json::from_str::<Json>(text).unwrap()["cases"].as_array().unwrap().clone();
    let cases: Vec<Json> = files.iter().flat_map(|text| read(text)).collect();
    assert!(cases.len() >= 100, "{}", cases.len());
    let failed = judge::failed(&cases);
    let mut listed: Vec<&str> = NOT_REACHED.iter().map(|(id, _)| *id).collect();
    listed.sort_unstable();
    assert_eq!(failed.keys().map(String::as_str).collect::<Vec<_>>(), listed);
}
