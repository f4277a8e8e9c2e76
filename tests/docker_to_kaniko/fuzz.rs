//! Random scripts, wrappers and Makefiles: nothing panics or takes long, and statements without images come out byte
//! for byte. `FUZZ_SECONDS=1800 cargo test --release --test docker_to_kaniko fuzz -- --nocapture` goes on for longer; the
//! text at work is in the file `FUZZ_FILE`, so that it survives a crash. Texts that once failed are in `crashes.json`.

use crate::processor::processor_time;
use gocd2argo::finding::Account;
use gocd2argo::plan::image::{self, Form, NewForm, Options, TaskText};
use gocd2argo::span::{FileId, Place, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// xorshift: the same texts for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (n as u64)).unwrap()
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

const DOCKER: &[&str] = &[
    "docker build -t r.example.com/a:1 .",
    "docker push r.example.com/a:1",
    "docker tag a r.example.com/a:$T",
    "docker build -t a -f - . <<EOF\nFROM x\nEOF",
    "sudo docker rmi a || true",
    "docker save a > a.tar",
    "docker load < a.tar",
    "docker run --rm -v $PWD:/w node:20 npm test",
    "docker login -u a -p b r.example.com",
    "$(aws ecr get-login)",
    "docker-compose up -d",
    "docker pull a:1",
    "IMG=$(docker build -q .)",
    "./build.sh $1 x",
    "make -C sub image V=$T",
    ". lib.sh",
    "npm run image",
    "bash -c 'docker build .'",
    "eval \"docker push $X\"",
    "docker inspect a | grep x",
    "for i in a b; do docker build -t r.example.com/$i:1 $i; done",
    "if docker build .; then docker push a; fi",
    "f() { docker build -t $1 .; }; f a; f b",
    "case $1 in a) docker push a;; *) docker build .;; esac",
    "docker images -q | xargs docker rmi",
    "trap 'docker rm x' EXIT",
    "(cd x && docker build .) &",
    "docker buildx build --push -t a .",
];

const PLAIN: &[&str] = &[
    "echo \"a b\" 'c' \\$d",
    "cat <<'E' > f\nif docker; then\nE",
    "X=${Y:-1}; export X",
    "[ -f a ] && . ./env",
    "make test | tee log",
    "for i in 1 2; do echo $i; done",
    "while read l; do :; done < f",
    "# docker build",
    "g() { echo $1; }",
    "set -euo pipefail",
    "shift",
    "set -- a \"b c\" $T",
    "case $x in a|b) ls;; esac",
    "printf '%s\\n' \"$(date)\" > ü.txt",
    "cd \"$(dirname \"$0\")\"",
    "arr=(a b c)",
    "{ ls; pwd; } 2>&1",
    "! false",
    "((i++))",
    "[[ $a =~ ^b ]]",
    "a=`b`",
    "true && false || :",
    "exec 3>&1",
];

const NOISE: &[&str] = &[
    "\"",
    "'",
    "`",
    "$(",
    ")",
    "{",
    "}",
    "${",
    "$((",
    "<<EOF\n",
    "EOF\n",
    "|",
    "&&",
    ";;",
    "esac",
    "fi",
    "done",
    "\\\n",
    "\0",
    "é",
    "\u{1F433}",
    "$",
    "if ",
    "then ",
    "else ",
    "do ",
    "(",
    "#",
    "\t",
    "\r\n",
    ">",
    "<(",
    "[[",
    "]]",
    "*",
    "~",
    "!",
    "$1",
    "$@",
    "=",
    "-- ",
    "function f ",
];

/// Statements in order; each is whole.
fn statements(chance: &mut Chance) -> Vec<&'static str> {
    let count = 1 + chance.below(12);
    (0..count).map(|_| if chance.below(2) == 0 { chance.one(DOCKER) } else { chance.one(PLAIN) }).collect()
}

fn noisy(chance: &mut Chance) -> String {
    let mut text = statements(chance).join(chance.one(&["\n", "; ", " && ", " | ", " || "]));
    for _ in 0..chance.below(8) {
        let mut at = chance.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        match chance.below(3) {
            0 => text.insert_str(at, chance.one(NOISE)),
            1 => text.truncate(at),
            _ => {
                let rest = text[at..].to_string();
                text.push_str(&rest);
            }
        }
    }
    text.truncate((0..=text.len().min(6000)).rev().find(|at| text.is_char_boundary(*at)).unwrap());
    text
}

fn makefile(chance: &mut Chance) -> String {
    let mut out = String::new();
    for name in ["image", "a", "b"] {
        out.push_str(&format!("{name}: {}\n", chance.one(&["", "a", "b image", "$(X)", "| a"])));
        for _ in 0..chance.below(3) {
            let line = chance.one(DOCKER).replace('\n', " ").replace('$', chance.one(&["$$", "$", "$(X)"]));
            out.push_str(&format!("\t{}{line}\n", chance.one(&["", "@", "-"])));
        }
        out.push_str(chance.one(&[
            "X := 1\n",
            "X ?= $(shell date)\n",
            "X += $(X)\n",
            "ifdef Y\n",
            "define Z\n",
            "export X\n",
            "",
        ]));
    }
    out
}

/// What becomes of a text, with these files beside it.
fn convert(text: &str, files: &BTreeMap<&str, String>) -> NewForm {
    let place = Place::unbooked(Span { file: FileId(0), start: 0, end: 0 });
    let words: Vec<String> = text.split_whitespace().take(20).map(str::to_string).collect();
    let task = |form| TaskText { place, item: place, form, directory: "" };
    let tasks = [task(Form::Script(text)), task(Form::Exec(&words))];
    let (variables, secure) = (BTreeMap::new(), BTreeSet::new());
    let known = |path: &str| files.get(path).cloned();
    let options = Options::new(&variables, &secure, &known);
    let mut account = Account::default();
    let planned = image::plan(&tasks, &options, &mut account);
    planned.tasks.into_iter().next().unwrap()
}

fn round(chance: &mut Chance) {
    let files = BTreeMap::from([
        ("build.sh", noisy(chance)),
        ("lib.sh", noisy(chance)),
        ("sub/Makefile", makefile(chance)),
        ("package.json", format!("{{\"scripts\":{{\"image\":{}}}}}", serde_json::json!(noisy(chance)))),
    ]);
    let whole = statements(chance);
    let clean = chance.below(2) == 0;
    let text = if clean { whole.join("\n") + "\n" } else { noisy(chance) };
    if let Ok(path) = std::env::var("FUZZ_FILE") {
        std::fs::write(path, serde_json::json!({"text": text, "files": files}).to_string()).unwrap();
    }
    let work = || processor_time("thread-self").unwrap_or_default();
    let before = work();
    let new = convert(&text, &files);
    let ticks = work() - before;
    assert!(ticks < 2_000, "{ticks} ticks of 10 ms: {text:?} {files:?}");
    if clean {
        let plain: Vec<&str> = whole.into_iter().filter(|statement| PLAIN.contains(statement)).collect();
        assert_kept(&plain, &new);
    }
}

/// The statements are in the new text, byte for byte, in this order.
fn assert_kept(statements: &[&str], new: &NewForm) {
    let NewForm::Script(new) = new else { return };
    let mut rest = new.as_str();
    for statement in statements {
        let at = rest.find(statement);
        assert!(at.is_some(), "{statement:?} is lost\n{new}");
        rest = &rest[at.unwrap() + statement.len()..];
    }
}

#[test]
fn fuzz() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (seconds, seed) = (number("FUZZ_SECONDS").unwrap_or(3), number("FUZZ_SEED").unwrap_or(20_261_126));
    let (mut chance, end) = (Chance(seed), Instant::now() + Duration::from_secs(seconds));
    let mut rounds = 0;
    while Instant::now() < end {
        round(&mut chance);
        rounds += 1;
    }
    println!("{rounds} rounds");
    assert!(rounds > 10, "{rounds}");
}

#[test]
fn texts_that_once_failed_do_no_harm() {
    let crashes: serde_json::Value = serde_json::from_str(include_str!("crashes.json")).unwrap();
    for crash in crashes.as_array().unwrap() {
        let files = crash["files"].as_object().into_iter().flatten();
        let files = files.map(|(path, text)| (path.as_str(), text.as_str().unwrap().to_string())).collect();
        let new = convert(crash["text"].as_str().unwrap(), &files);
        let kept: Vec<&str> =
            crash["kept"].as_array().into_iter().flatten().filter_map(|text| text.as_str()).collect();
        assert_kept(&kept, &new);
    }
}
