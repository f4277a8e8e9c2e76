use super::*;
use crate::span::{FileId, Span};
use proptest::prelude::*;

fn planned(forms: &[Form<'_>]) -> (JobImages, Account) {
    let place = Place::unbooked(Span { file: FileId(0), start: 0, end: 0 });
    let tasks: Vec<TaskText<'_>> =
        forms.iter().map(|form| TaskText { place, item: place, form: *form, directory: "" }).collect();
    let mut account = Account::default();
    let (variables, secure) = (BTreeMap::new(), BTreeSet::new());
    let options = Options {
        cache_repo: Some("registry.example.com/cache"),
        at_run_time: true,
        extra_flags: &["--push-retry=3".to_string()],
        ..Options::new(&variables, &secure, &|_| None)
    };
    let images = plan(&tasks, &options, &mut account);
    (images, account)
}

fn script(text: &str) -> String {
    match &planned(&[Form::Script(text)]).0.tasks[0] {
        NewForm::Script(text) => text.clone(),
        other => format!("{other:?}"),
    }
}

fn names(text: &str) -> Vec<&'static str> {
    planned(&[Form::Script(text)]).1.findings.iter().map(|finding| finding.rule.name).collect()
}

#[test]
fn the_rest_of_the_script_stays_as_it_was() {
    let text =
        "set -e\n\tmake  x # docker\nif ! docker build -t r.example.com/a:1 .  >log 2>&1 ; then exit 1; fi\n";
    let request = "/gocd-lib/run-in.sh kaniko-1 /kaniko/executor \\\n  --context=dir:///workspace \\\n  \
        --dockerfile=/workspace/Dockerfile \\\n  --no-push \\\n  --cache=true \\\n  \
        --cache-repo=registry.example.com/cache \\\n  --push-retry=3";
    let expected = format!("set -e\n\tmake  x # docker\nif ! {request}  >log 2>&1 ; then exit 1; fi\n");
    assert_eq!(script(text), expected);
}

#[test]
fn findings_point_at_the_words_meant() {
    let text = "make\ndocker run x\n";
    let (_, account) = planned(&[Form::Script(text)]);
    assert_eq!(account.findings[0].within, Some((5, 17)));
    let argv = ["docker", "run", "x"].map(str::to_string);
    assert_eq!(planned(&[Form::Exec(&argv)]).1.findings[0].within, None);
}

#[test]
fn a_name_given_in_a_later_task_is_known_at_the_build() {
    let push =
        "docker tag a r.example.com/a:$GO_PIPELINE_LABEL\ndocker push r.example.com/a:$GO_PIPELINE_LABEL";
    let argv = ["docker", "build", "-t", "a", "."].map(str::to_string);
    let (images, _) = planned(&[Form::Exec(&argv), Form::Other, Form::Script(push)]);
    assert_eq!(images.builds[0].destinations, ["r.example.com/a:${GO_PIPELINE_LABEL}"]);
    assert_eq!(images.builds[0].registries, ["r.example.com"]);
    let words = match &images.tasks[0] {
        NewForm::Exec(words) => words.clone(),
        other => vec![format!("{other:?}")],
    };
    assert_eq!(words[..2], ["sh", "-c"]);
    assert!(words[2].contains("--destination=\"r.example.com/a:${GO_PIPELINE_LABEL}\""), "{}", words[2]);
    assert_eq!(images.tasks[1..], [NewForm::Unchanged, NewForm::Nothing]);
}

#[test]
fn a_name_that_the_build_cannot_know_is_a_decision() {
    let text = "docker build -t a .\nT=$(date +%s)\ndocker tag a r.example.com/a:$T\ndocker push r.example.com/a:$T\n";
    assert!(names(text).contains(&"name-known-after-build"));
    assert!(script(text).contains("needs-decision.sh name-known-after-build docker push"));
}

#[test]
fn a_variable_that_changes_between_build_and_push_is_not_the_same_name() {
    let text = "T=1\ndocker build -t r.example.com/a:$T .\nT=2\ndocker push r.example.com/a:$T\n";
    assert!(names(text).contains(&"push-without-build"));
}

#[test]
fn a_condition_on_something_that_changes_is_a_decision() {
    let text = "docker build -t r.example.com/a:1 .\nOK=$(./check)\nif [ \"$OK\" = 1 ]; then docker push r.example.com/a:1; fi\n";
    assert!(names(text).contains(&"push-condition-unclear"));
}

#[test]
fn the_status_of_the_build_is_no_condition() {
    let text =
        "docker build -t r.example.com/a:1 .\nif [ $? -eq 0 ]; then docker push r.example.com/a:1; fi\n";
    let images = planned(&[Form::Script(text)]).0;
    assert_eq!(images.builds[0].push_condition, None);
    assert!(images.builds[0].push);
}

#[test]
fn builds_in_two_branches_are_both_pushed() {
    let text = "if [ \"$A\" = 1 ]; then docker build -t r.example.com/a:1 x; else docker build -t r.example.com/a:1 y; fi\n\
        docker push r.example.com/a:1\n";
    let images = planned(&[Form::Script(text)]).0;
    let pushed: Vec<_> = images.builds.iter().map(|build| (build.context.clone(), build.push)).collect();
    assert_eq!(pushed, [(Some("x".to_string()), true), (Some("y".to_string()), true)]);
    let again = "docker build -t r.example.com/a:1 x || docker build --no-cache -t r.example.com/a:1 x\ndocker push r.example.com/a:1\n";
    assert!(planned(&[Form::Script(again)]).0.builds.iter().all(|build| build.push));
    let later = "docker build -t a:1 x\ndocker build -t a:1 y\ndocker push a:1\n";
    let pushed: Vec<bool> = planned(&[Form::Script(later)]).0.builds.iter().map(|build| build.push).collect();
    assert_eq!(pushed, [false, true]);
}

#[test]
fn a_pull_that_decides_is_not_left_out() {
    assert!(names("docker pull a:1 || docker build -t a:1 .").contains(&"pull-result-used"));
    assert!(!names("docker pull a:1 || true").contains(&"pull-result-used"));
}

#[test]
fn a_build_that_the_grammar_hides_is_a_decision() {
    assert_eq!(names("$\ndocker build -t a .\n"), ["shell-not-understood"]);
    assert!(
        script("$\ndocker build -t a .\n")
            .starts_with("/gocd-lib/needs-decision.sh shell-not-understood || exit 1\n")
    );
}

#[test]
fn registries_are_told_once() {
    let text = "docker login -u a -p b r.example.com\ndocker build -t r.example.com/a:1 .\ndocker push r.example.com/a:1\n";
    assert_eq!(names(text).iter().filter(|name| **name == "registry-credentials").count(), 1);
}

#[test]
fn secrets_in_logins_disappear() {
    let text = "docker login -u a -p geheim r.example.com || exit 1\nmake\n";
    let (images, account) = planned(&[Form::Script(text)]);
    assert!(!format!("{images:?}{account:?}").contains("geheim"));
}

fn hostile() -> impl Strategy<Value = String> {
    let pieces = [
        "docker build ",
        "docker push ",
        "docker tag ",
        "docker login ",
        "-t ",
        "a:1 ",
        "-f ",
        "- ",
        ". ",
        "$X ",
        "\"$(x)\" ",
        "\n",
        "; ",
        "&& ",
        "|| ",
        "| ",
        "( ",
        ") ",
        "{ ",
        "} ",
        "if ",
        "then ",
        "else ",
        "fi\n",
        "for a in 1 2; do ",
        "done\n",
        "<<EOF\n",
        "EOF\n",
        "f() { ",
        "> log ",
        "'",
        "\"",
        "\\",
        "`",
        "sudo ",
        "time ",
        "é",
        "X=1 ",
        "case $X in a) ",
        ";; esac\n",
        "docker run x ",
        "cd .. ",
        "docker-compose up ",
        "--build-arg ",
        "# ",
        "!",
        "bash -c ",
        "$1",
        "make image ",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..30).prop_map(|pieces| pieces.concat())
}

fn lines() -> impl Strategy<Value = String> {
    let lines = [
        "a  b",
        "\tX=$a",
        "true; b ",
        "a && c",
        "# docker push x",
        "echo '$x' | b",
        "if a; then b; fi",
        "",
        "cat <<E\n docker\nE",
        "é \"docker run\"",
        "f() { a; }",
        "for i in 1 2; do a $i; done",
        "(cd x; b)",
        "grep a$",
        "x=`b`",
        "[[ $a == b* ]] || c",
    ];
    prop::collection::vec(prop::sample::select(lines.to_vec()), 0..6)
        .prop_map(|lines| lines.iter().map(|l| format!("{l}\n")).collect())
}

proptest! {
    #[test]
    fn hostile_texts_are_planned_without_harm(text in hostile(), other in hostile()) {
        let argv: Vec<String> = other.split(' ').map(str::to_string).collect();
        let shell = vec!["bash".to_string(), "-c".to_string(), other.clone()];
        let (images, account) = planned(&[Form::Script(&text), Form::Exec(&argv), Form::Exec(&shell)]);
        prop_assert_eq!(images.tasks.len(), 3);
        for finding in account.findings {
            if let Some((start, end)) = finding.within {
                prop_assert!(text.get(start..end).is_some());
            }
        }
    }

    #[test]
    fn what_stands_around_comes_out_as_it_was(before in lines(), after in lines()) {
        let after = format!("\n{after}");
        let text = format!("{before}docker build -t r.example.com/a:1 .{after}");
        if let NewForm::Script(new) = &planned(&[Form::Script(&text)]).0.tasks[0] {
            prop_assert!(new.starts_with(&before), "{new}");
            prop_assert!(new.ends_with(&after), "{new}");
            prop_assert!(new.contains("/gocd-lib/"));
        } else {
            prop_assert!(false, "nothing became of {}", text);
        }
    }

    #[test]
    fn a_script_without_images_stays(text in "[a-ce-z $|&;(){}<>'\"\n#=]{0,60}") {
        let (images, account) = planned(&[Form::Script(&text)]);
        prop_assert_eq!(&images.tasks[0], &NewForm::Unchanged);
        prop_assert!(account.findings.is_empty());
    }
}

#[test]
fn long_scripts_are_read_to_their_end() {
    for text in [
        "docker build -t r.example.com/a:$X --build-arg A=$B .\ndocker push r.example.com/a:$X\n"
            .repeat(2_000),
        "X=1$X\n".repeat(5_000) + "docker build -t $X .\ndocker push $X\n",
        "cd a\n".repeat(5_000) + "docker build -t a .\n",
        "if a; then b; el".repeat(2_000) + "if c; then docker build .; fi",
        "a && ".repeat(5_000) + "docker build .",
        "a | ".repeat(5_000) + "docker push x",
        "(".repeat(150) + &"docker build .;".repeat(500) + &")".repeat(150),
    ] {
        let (images, _) = planned(&[Form::Script(&text)]);
        assert_eq!(images.tasks.len(), 1);
    }
}
