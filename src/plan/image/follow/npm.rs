//! Scripts of a `package.json`.

use super::CallForm;
use super::called::{Body, Place, process};
use serde_json::Value;

/// The text of `npm run NAME`, with its `pre` and `post` scripts.
pub(super) fn body(call: &Place<'_>) -> Option<Body> {
    let words: Vec<String> = call.words.iter().map(|word| word.constant()).collect::<Option<_>>()?;
    let mut rest =
        words.iter().skip(1).filter(|word| !matches!(word.as_str(), "-s" | "--silent" | "--if-present"));
    let mut name = rest.next()?;
    if matches!(name.as_str(), "run" | "run-script") {
        name = rest.next()?;
    }
    let further: Vec<&String> = rest.filter(|word| *word != "--").collect();
    if name.starts_with('-') {
        return None;
    }
    let (json, file) = call.file("package.json")?;
    let package: Value = serde_json::from_str(&json).ok()?;
    let script = |name: &str| Some(package.get("scripts")?.get(name)?.as_str()?.to_string());
    let mut main = script(name)?;
    for word in further {
        main.push(' ');
        main.push_str(&crate::plan::image::shell::quote(word));
    }
    let all = [script(&format!("pre{name}")), Some(main), script(&format!("post{name}"))];
    let all: Vec<String> = all.into_iter().flatten().collect();
    let text = match all.as_slice() {
        [only] => only.clone(),
        all => all.iter().map(|text| format!("{{ {text}\n}}")).collect::<Vec<_>>().join(" && "),
    };
    // What npm sets, as far as the text asks for it.
    let mut set = String::from("PATH=$PWD/node_modules/.bin:$PATH\n");
    if text.contains("npm_package_version") {
        set.push_str("npm_package_version=$(node -p 'require(\"./package.json\").version')\n");
    }
    if text.contains("npm_package_name") {
        set.push_str("npm_package_name=$(node -p 'require(\"./package.json\").name')\n");
    }
    let key = format!("\"{name}\"");
    let line = json.lines().position(|line| line.contains(&key)).map_or(1, |at| at + 1);
    let form = match process(call, vec!["sh".to_string()], "npm", &[]) {
        CallForm::Process { front, shell, argv, .. } => {
            CallForm::Process { front, shell, behind: String::new(), argv }
        }
        other => other,
    };
    let own = set.lines().count();
    let text = format!("{set}{text}");
    Some(Body {
        prelude: call.assignments(),
        form,
        folder: call.from.path.clone()?,
        lines: std::iter::repeat_n(line, own + text.lines().count()).collect(),
        identity: format!("npm {file} {name}"),
        text,
        file,
        make: false,
    })
}
