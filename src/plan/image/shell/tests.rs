use super::*;
use proptest::prelude::*;

fn commands(text: &str) -> Vec<String> {
    let script = Script::read(text);
    script.commands.iter().map(|c| text[c.range.clone()].to_string()).collect()
}

#[test]
fn commands_are_found_wherever_a_shell_would_run_them() {
    let text = "if a x; then b; elif c; then d; else e; fi\nfor s in 1 2; do f \"$(g)\"; done\n(h && i) | j &\nk() { l; }\ncase $X in a) m;; esac\n`n`";
    let names: Vec<char> = commands(text).iter().filter_map(|c| c.chars().next()).collect();
    assert_eq!(names.iter().collect::<String>(), "abcdefghijlm`n");
}

#[test]
fn text_in_comments_strings_and_documents_is_no_command() {
    assert_eq!(
        commands("# docker a\necho \"docker b\" # docker c\ncat <<EOF\ndocker d\nEOF\n"),
        ["echo \"docker b\"", "cat"]
    );
}

#[test]
fn words_keep_their_source_and_resolve_their_quotes() {
    let text = r#"x "a\"b$C" 'd e' f\ g --k="v w"z ${Y:-d} $(cmd "q") *.c ''"#;
    let script = Script::read(text);
    let words = &script.commands[0].words;
    assert_eq!(words[1].source, r#""a\"b$C""#);
    let variable = |name: &str, default: Option<&str>| Part::Variable {
        name: name.into(),
        default: default.map(Into::into),
    };
    assert_eq!(words[1].parts, [Part::Literal("a\"b".into()), variable("C", None)]);
    assert_eq!(words[2].constant().as_deref(), Some("d e"));
    assert_eq!(words[3].constant().as_deref(), Some("f g"));
    assert_eq!(words[4].without("--k=").expect("plain prefix").source, "\"v w\"z");
    assert_eq!(words[5].parts, [variable("Y", Some("d"))]);
    assert_eq!(words[6].parts, [Part::Substitution("$(cmd \"q\")".into())]);
    assert_eq!(words[7].constant(), None);
    assert_eq!(words[8].constant().as_deref(), Some(""));
}

#[test]
fn an_option_inside_one_quote_can_be_cut() {
    let script = Script::read("x \"--file=$D/f\"");
    assert_eq!(script.commands[0].words[1].without("--file=").expect("plain prefix").source, "\"$D/f\"");
}

#[test]
fn words_behind_a_redirection_belong_to_the_command() {
    let text = "b . >log 2>&1 -t y\n";
    let script = Script::read(text);
    let command = &script.commands[0];
    let words: Vec<&str> = command.words.iter().map(|w| w.source.as_str()).collect();
    assert_eq!(words, ["b", ".", "-t", "y"]);
    assert_eq!(&text[command.range.clone()], "b .");
    assert_eq!(command.strays.len(), 2);
    assert_eq!(&text[command.whole.clone()], "b . >log 2>&1 -t y");
    assert_eq!(command.redirects.len(), 2);
}

#[test]
fn here_documents_keep_their_text() {
    let script = Script::read("b -f - . <<'EOF'\nFROM a\nRUN b\nEOF\nc\n");
    assert_eq!(script.commands[0].redirects[0].document.as_deref(), Some("FROM a\nRUN b\n"));
    assert_eq!(script.commands.len(), 2);
}

#[test]
fn deep_nesting_does_not_recurse() {
    for text in ["(".repeat(20_000), "$(".repeat(5_000), "if a; then ".repeat(3_000), "{ ".repeat(20_000)] {
        Script::read(&text);
    }
}

fn alphabet() -> impl Strategy<Value = String> {
    let pieces = [
        "docker ",
        "build ",
        "-t ",
        "x ",
        "\n",
        ";",
        "&&",
        "||",
        "|",
        "(",
        ")",
        "{ ",
        "}",
        "$(",
        "`",
        "\"",
        "'",
        "<<EOF\n",
        "EOF\n",
        "if ",
        "then ",
        "fi ",
        "for a in ",
        "do ",
        "done ",
        "case ",
        "esac ",
        "\\",
        "\\\n",
        "$X",
        "${X:-",
        ">",
        "#",
        "é",
        "\u{0}",
        "\r\n",
        "=",
        "f() ",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

fn check(text: &str) {
    let script = Script::read(text);
    for command in &script.commands {
        assert!(text.get(command.range.clone()).is_some(), "range within the text and between characters");
        assert!(text.get(command.whole.clone()).is_some());
        assert!(command.whole.start <= command.range.start && command.range.end <= command.whole.end);
        assert!(script.around(command.frame).last().is_some_and(|(id, _)| id == 0));
        let pieces = [&text[..command.range.start], &text[command.range.clone()], &text[command.range.end..]];
        assert_eq!(pieces.concat(), text);
        for word in &command.words {
            assert_eq!(text.get(word.range.clone()), Some(word.source.as_str()));
        }
    }
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn no_pieces_are_too_strange(text in alphabet()) {
        check(&text);
    }
}

#[test]
fn characters_beyond_ascii_crash_nothing_and_keep_their_places() {
    for strange in ['\u{e01df}', '\u{10ffff}', '\u{85}', 'é', '🦀'] {
        for text in
            ["{1..@", "{1..@}", "{@..2}", "<<@\na\n@\n", "$@ ${@} a@b=c", "echo @; docker build -t a@b ."]
        {
            check(&text.replace('@', &strange.to_string()));
        }
        let script = Script::read(&format!("echo '{strange}' && docker push r.example.com/{strange}:1"));
        let names: Vec<usize> = script.commands.iter().map(|command| command.range.start).collect();
        assert_eq!(names, [0, "echo '' && ".len() + strange.len_utf8()], "{strange:?}");
    }
}

#[test]
fn a_redirection_behind_a_list_belongs_to_its_last_command() {
    let script = Script::read("a && b > c\nd | e > f");
    let redirected: Vec<usize> = script.commands.iter().map(|c| c.redirects.len()).collect();
    assert_eq!(redirected, [0, 1, 0, 1]);
}

#[test]
fn parameters_stay_in_their_word() {
    let script = Script::read("i() {\n  b -t r.example.com/fn/$1:$2 $1\n}\n");
    let sources: Vec<&str> = script.commands[0].words.iter().map(|w| w.source.as_str()).collect();
    assert_eq!(sources, ["b", "-t", "r.example.com/fn/$1:$2", "$1"]);
}

#[test]
fn a_dollar_at_the_end_of_a_line_ends_with_it_or_is_marked() {
    assert_eq!(commands("grep a$\nb c"), ["grep a$", "b c"]);
    assert_eq!(Script::read("$\nb c").skipped.first(), Some(&(0..5)));
    assert_eq!(Script::read("a=$\nb c").skipped.len(), 1);
}

#[test]
fn a_command_does_not_take_words_of_the_next_lines() {
    // The grammar loses its way after an array in a pipeline.
    let piped = "arr=(a b c) | eval \"docker push $X\" | $(aws ecr get-login) | shift | docker load < a.tar";
    let group = format!("{{\ntrap 'docker rm x' EXIT | {piped}\n}}\n");
    let script = Script::read(&format!("{group}true && false || :\n{group}"));
    let load = script.commands.iter().find(|command| command.words.iter().any(|word| word.head() == "load"));
    assert!(load.is_some_and(|load| load.broken), "{load:?}");
}
