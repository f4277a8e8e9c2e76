//! Cases of our own, in the format of the oracle.

use crate::judge;
use serde_json::Value as Json;

/// Cases that do not come out as expected, each with the reason.
const NOT_REACHED: &[(&str, &str)] = &[
    (
        "run-tool-user-env-file",
        "the file is read in the pod, where it may be another one; its values are not listed",
    ),
    ("save-of-pulled", "a copy goes to a registry; a pulled image in a file is left for a person"),
];

#[test]
fn every_case_of_our_own_comes_out_as_expected_or_is_listed() {
    let files = [
        include_str!("own/flow.json"),
        include_str!("own/values.json"),
        include_str!("own/tools.json"),
        include_str!("own/options.json"),
        include_str!("own/tasks.json"),
        include_str!("own/followed.json"),
        // Written by somebody who had not seen the code, from the oracle alone.
        include_str!("own/blind.json"),
    ];
    let read = |text: &str| serde_json::from_str::<Json>(text).unwrap()["cases"].as_array().unwrap().clone();
    let cases: Vec<Json> = files.iter().flat_map(|text| read(text)).collect();
    assert!(cases.len() >= 100, "{}", cases.len());
    let failed = judge::failed(&cases);
    let listed: Vec<&str> = NOT_REACHED.iter().map(|(id, _)| *id).collect();
    assert_eq!(failed.keys().map(String::as_str).collect::<Vec<_>>(), listed);
}
