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
    "emoji \u{1f980}\u{1f468}\u{200d}\u{1f469} e\u{301} \u{10ffff} \u{e000} \u{1b}[31m \u{8} \t tab",
    "~ null yes no 1.10 0x1F 1e3 .inf !!binary &a *a |\n",
    "' ; rm -rf / ; ' \" ; exit 1 ; \" && || | > /dev/null < & \r\n cr\rlf",
    "nul \0",
    "!`!! %s %n \\n \\x00 \\0 \\u0000 {\"json\": [1]} </script> <!-- ]]>",
];

/// What starts a pipeline depends on these: a colon in a branch makes a refspec of it.
const STARTS: &[&str] = &["url", "branch"];

/// A repository's output with that text behind the names of some of the places.
fn convert(text: &str, hostile: impl Fn(&str) -> bool) -> (Folder, Set) {
    let write = |place: &str| if hostile(place) { format!("{place}{text}") } else { place.to_string() };
    let folder = Folder::new().with("repo/a.gocd.yaml", repository(write));
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
        "command" | "argument" | "workdir" | "cancel" | "antfile" | "anttarget" | "rakefile"
        | "raketarget" | "nantpath" | "artifact" | "fetchdest" => Where::Word,
        "script" | "plugin" => Where::Document,
        "envvar" | "envonly" | "url" | "branch" | "ignore" | "label" | "approver" | "fetchsource" => {
            Where::Literal
        }
        // `source` becomes a regular expression: src/plan/artifact.rs tests that.
        _ => Where::Nowhere,
    }
}

fn arrives(place: &str, text: &str, set: &Set, texts: &[String]) -> Where {
    let texts: Vec<&str> = texts.iter().map(String::as_str).filter(|found| found.contains(place)).collect();
    let has = |part: &str| texts.iter().any(|found| found.contains(part));
    let is_part = matches!(place, "url" | "label" | "approver" | "fetchsource");
    let literal = texts.contains(&text) || (is_part && has(text));
    if literal && expected(place) == Where::Literal {
        return Where::Literal;
    }
    let values = set.objects("WorkflowTemplate").into_iter().flat_map(env);
    if values.filter(|value| value.starts_with(place)).any(|value| kubernetes(&value) == text) {
        return Where::Env;
    }
    if has(&script::here_document(text, None)) {
        return Where::Document;
    }
    let words: Vec<String> = match place {
        // Several targets are several words; the path of NAnt's program ends with its name.
        "anttarget" | "raketarget" => script::split(text).iter().map(|word| script::word(word)).collect(),
        "nantpath" => vec![script::word(&format!("{}/nant", text.trim_end_matches('/')))],
        _ => vec![script::word(text)],
    };
    // A long command has a line for each option.
    match (words.iter().all(|word| has(word)), literal) {
        (true, _) => Where::Word,
        (false, true) => Where::Literal,
        (false, false) => Where::Nowhere,
    }
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

/// Argo and Kubernetes take these, but kustomize cannot read what it has written itself.
const NOT_FOR_KUSTOMIZE: &str = "del \u{7f} c1 \u{80}\u{9f} no characters \u{fffe}\u{ffff}";

fn all_texts() -> Vec<String> {
    let long = format!("x{}y", "5 kB {{line}} $$ ".repeat(320));
    HOSTILE
        .iter()
        .map(|text| text.to_string())
        .chain([HOSTILE.concat(), long, NOT_FOR_KUSTOMIZE.into()])
        .collect()
}

/// What is wrong with a place's text in the output.
fn fault(place: &str, hostile: &str, set: &Set, texts: &[String]) -> Option<String> {
    let text = super::places::written(place, format!("{place}{hostile}"));
    let found = arrives(place, &text, set, texts);
    (found != expected(place))
        .then(|| format!("{place} is {found:?}, not {:?}: {hostile:?}", expected(place)))
}

#[test]
fn it_arrives_where_it_belongs_and_changes_nothing_else() {
    let (_folder, benign) = convert("x", |_| true);
    let usual = benign.shape();
    let (mut folders, mut wrong) = (Vec::new(), Vec::new());
    for hostile in all_texts() {
        let (folder, set) = convert(&hostile, |place| !STARTS.contains(&place));
        let shape = set.shape();
        let odd = shape.iter().filter(|line| !usual.contains(line));
        let missing = usual.iter().filter(|line| !shape.contains(line));
        wrong.extend(odd.chain(missing).map(|line| format!("{line} is not in both: {hostile:?}")));
        let texts = set.texts();
        let places = PLACES.iter().filter(|place| !STARTS.contains(place));
        wrong.extend(places.filter_map(|place| fault(place, &hostile, &set, &texts)));
        // The long ones hold all the others.
        if hostile.len() > 600 {
            folders.push(folder);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let sets: Vec<_> = folders.iter().map(|folder| folder.path("argo")).collect();
    super::judge::accepts(&sets);
}

#[test]
fn it_arrives_where_runs_start() {
    let (mut folders, mut wrong) = (Vec::new(), Vec::new());
    for hostile in all_texts() {
        let (folder, set) = convert(&hostile, |place| STARTS.contains(&place));
        let texts = set.texts();
        wrong.extend(STARTS.iter().filter_map(|place| fault(place, &hostile, &set, &texts)));
        // The long ones hold all the others.
        if hostile.len() > 600 {
            folders.push(folder);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
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
            .map(|name| {
                serde_json::to_string(name).unwrap().replace('\u{7f}', "\\x7F").replace("\\b", "\\x08")
            })
            .map(|name| format!("      {name}: x\n"))
            .collect();
        let text = match level {
            "pipelines" => super::run::APP
                .replace("group: apps", &format!("group: apps\n    environment_variables:\n{variables}")),
            _ => {
                super::run::APP.to_string()
                    + &format!(
                        "environments:\n  prod:\n    pipelines: [app]\n    environment_variables:\n{variables}"
                    )
            }
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
    for arguments in [
        &["lint", "repo", "--level", "info"][..],
        &["show", "repo"],
        &["convert", "repo"],
        &["diff", "repo", "--out", "b"],
        &["builds", "repo"],
        &["plan", "repo"],
        &["simulate", "repo", "--repo", "https://git.example.com/acme/app.git"],
    ] {
        folder.run(arguments).never("\u{1b}").never("\u{7}").never("\u{202e}");
    }
}
