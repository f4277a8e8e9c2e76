//! Hostile text in every place where text may stand.

use super::places::{PLACES, repository};
use super::run::Folder;
use super::set::Set;
use gocd2argo::plan::script;

/// Texts that some reader between the source and the shell would take for something else.
const HOSTILE: &[&str] = &[
    "\"double\" 'single' \\back\\ `date` $(date) $HOME ${HOME}",
    "a\nb: c\n  - d\n---\n...\nkind: Pod\n",
    "\n\n  leading and trailing \n\n",
    "$ $$ $$$ $(HOME) $$(HOME) $(GOCD_BRACE) $(GO_REVISION) ${x:-$(y)}$",
    "{{workflow.name}} {{=1+1}} {{{x}}} {{{{ }} {{inputs.parameters.run-index}} {{",
    "<< >> <<x>> {% if %} %} {# #} << pipeline.name >>",
    "--- : # ,[]{}&*!|>'\"%@` ? - key: value # comment",
    "@@ @_@ @@@ GOCD_EOF\nGOCD_EOF\n@@{{x}}@@",
    "nel \u{85} ls \u{2028} ps \u{2029} bom \u{feff} rtl \u{202e}abc\u{202c} lrm \u{200f} zw \u{200b}",
    "emoji \u{1f980}\u{1f468}\u{200d}\u{1f469} e\u{301} \u{10ffff} \u{e000} \u{7f} \u{1b}[31m \u{8} \t tab",
    "~ null yes no 1.10 0x1F 1e3 .inf !!binary &a *a |\n",
    "' ; rm -rf / ; ' \" ; exit 1 ; \" && || | > /dev/null < & \r\n cr\rlf",
    "!`!! %s %n \\n \\x00 \\0 \\u0000 {\"json\": [1]} </script> <!-- ]]>",
];

/// A repository's output with that text behind each place's name.
fn convert(text: &str) -> (Folder, Set) {
    let folder = Folder::new().with("repo/a.gocd.yaml", repository(|place| format!("{place}{text}")));
    folder.run(&["convert", "repo"]).exits(0);
    let set = Set::read(&folder, "argo");
    (folder, set)
}

/// What Kubernetes makes of a value in `env`.
fn kubernetes(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some(start) = rest.find('$') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let (known, written) = match rest {
            _ if rest.starts_with("$$") => (2, "$"),
            _ if rest.starts_with("$(GOCD_BRACE)") => ("$(GOCD_BRACE)".len(), "{"),
            _ => (1, "$"),
        };
        out.push_str(written);
        rest = &rest[known..];
    }
    out + rest
}

/// Where in the output a place's text has to be; `Nowhere` for what has no counterpart.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Where {
    /// In some text, by itself.
    Literal,
    /// As the value of a variable, as Kubernetes reads it.
    Env,
    /// As a word of a script.
    Word,
    /// As a here-document of a script.
    Document,
    Nowhere,
}

fn expected(place: &str) -> Where {
    match place {
        "pipevar" | "stagevar" | "jobvar" | "parameter" | "upstreamvar" => Where::Env,
        "command" | "argument" | "workdir" | "cancel" | "antfile" | "anttarget" | "rakefile" | "raketarget" | "nantpath"
        | "source" | "artifact" | "fetchsource" | "fetchdest" => Where::Word,
        "script" | "plugin" => Where::Document,
        "envvar" | "envonly" | "url" | "branch" | "ignore" | "label" | "approver" => Where::Literal,
        _ => Where::Nowhere,
    }
}

fn arrives(place: &str, text: &str, set: &Set, texts: &[String]) -> Where {
    let literal = texts.iter().any(|found| found == text);
    if literal && expected(place) == Where::Literal {
        return Where::Literal;
    }
    let values: Vec<String> = set.objects("WorkflowTemplate").into_iter().flat_map(|object| env(object)).collect();
    if values.iter().any(|value| kubernetes(value) == text) {
        return Where::Env;
    }
    if texts.iter().any(|found| found.contains(&script::here_document(text))) {
        return Where::Document;
    }
    if texts.iter().any(|found| found.contains(&script::word(text))) {
        return Where::Word;
    }
    let ends = |found: &&String| found.as_str() == text || (found.contains(text) && matches!(place, "url" | "label" | "approver"));
    if texts.iter().any(|found| ends(&found)) { Where::Literal } else { Where::Nowhere }
}

/// The values of all variables of all containers.
fn env(value: &serde_yaml::Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        open.extend(value.as_sequence().into_iter().flatten());
        for (key, item) in value.as_mapping().into_iter().flatten() {
            open.push(item);
            if key == "env" {
                let values = item.as_sequence().unwrap().iter().filter_map(|entry| entry["value"].as_str());
                found.extend(values.map(str::to_string));
            }
        }
    }
    found
}

#[test]
fn it_arrives_where_it_belongs_and_changes_nothing_else() {
    let (_plain, benign) = convert("x");
    let mut folders = Vec::new();
    let all = HOSTILE.concat();
    let long = format!("x{}y", "5 kB {{line}} $$ ".repeat(320));
    for hostile in HOSTILE.iter().copied().chain([all.as_str(), long.as_str()]) {
        let (folder, set) = convert(hostile);
        assert_eq!(set.shape(), benign.shape(), "{hostile:?}");
        let texts = set.texts();
        for place in PLACES {
            let mut text = format!("{place}{hostile}");
            if *place == "label" {
                text = super::places::label(&text);
            }
            let found = arrives(place, &text, &set, &texts);
            assert_eq!(found, expected(place), "{place}: {hostile:?}");
        }
        folders.push(folder);
    }
    let sets: Vec<_> = folders.iter().map(|folder| folder.path("argo")).collect();
    super::judge::accepts(&sets);
}

#[test]
fn names_of_variables_are_free_text() {
    let names: Vec<String> = HOSTILE.iter().map(|text| format!("V{}", text.trim())).collect();
    for level in ["pipelines", "environments"] {
        let folder = Folder::new();
        let variables: String = names
            .iter()
            .map(|name| serde_json::to_string(name).unwrap().replace('\u{7f}', "\\x7F").replace("\\b", "\\x08"))
            .map(|name| format!("      {name}: x\n"))
            .collect();
        let text = match level {
            "pipelines" => super::run::APP.replace("group: apps", &format!("group: apps\n    environment_variables:\n{variables}")),
            _ => super::run::APP.to_string() + &format!("environments:\n  prod:\n    pipelines: [app]\n    environment_variables:\n{variables}"),
        };
        folder.put("repo/a.gocd.yaml", text);
        let run = folder.run(&["convert", "repo"]);
        assert_ne!(run.status, None);
        if run.status == Some(0) {
            Set::read(&folder, "argo");
            super::judge::accepts(&[folder.path("argo")]);
        }
        run.never("defect");
    }
}

#[test]
fn a_terminal_is_not_written_to_by_the_source() {
    let hostile = "\u{1b}]0;title\u{7}\u{1b}[2J\u{202e}";
    let folder = Folder::new().with("repo/a.gocd.yaml", repository(|place| format!("{place}{hostile}")));
    for arguments in [&["lint", "repo", "--level", "info"][..], &["show", "repo"], &["convert", "repo"], &["diff", "repo", "--out", "b"]] {
        folder.run(arguments).never("\u{1b}").never("\u{7}").never("\u{202e}");
    }
}
