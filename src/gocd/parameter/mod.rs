//! Parameters: `#{name}` in the texts of a pipeline, and `##` for a plain `#`.

mod texts;

pub use texts::expand_pipeline;

use std::collections::HashMap;

use crate::finding::Expansion;

crate::findings! {
    /// A text uses `#{name}`, but the pipeline has no parameter of that name.
    ///
    /// ## Why it matters
    /// GoCD's server refuses the whole repository. Only the pipeline's own `parameters` count, and case matters.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make, arguments: ["#{target}"]}]}]
    /// ```
    ///
    /// ## Instead
    /// Define it (`parameters: {target: all}`), or write `##{target}` if the text is meant as it stands.
    pub UNDEFINED_PARAMETER = "undefined-parameter", Refused, Error, Refused;

    /// A text of a pipeline has a `#` that neither begins a parameter nor is doubled.
    ///
    /// ## Why it matters
    /// In every text of every pipeline `#` begins a parameter, comments in scripts and fragments of URLs included. GoCD's
    /// server refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages:
    ///       - build:
    ///           tasks:
    ///             - script: |
    ///                 # compile
    ///                 make
    /// ```
    ///
    /// ## Instead
    /// Write `##`: GoCD makes one `#` of it.
    pub UNESCAPED_HASH = "unescaped-hash", Refused, Error, Refused;

    /// A parameter begins with `#{`, but no `}` follows.
    ///
    /// ## Why it matters
    /// GoCD's server refuses the whole repository.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make, arguments: ["#{target"]}]}]
    /// ```
    ///
    /// ## Instead
    /// Close it with `}`, or write `##{` if the text is meant as it stands.
    pub UNCLOSED_PARAMETER = "unclosed-parameter", Refused, Error, Refused;
}

/// What is wrong with a `#`, and at which bytes of the text.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    /// `#{name}` where no parameter has that name.
    Undefined {
        /// The name.
        name: String,
        /// The bytes of `#{name}`.
        at: (usize, usize),
    },
    /// `#` before something else, or at the end.
    Unescaped {
        /// The byte of `#`.
        at: (usize, usize),
    },
    /// `#{` without `}`.
    Unclosed {
        /// From `#{` to the end.
        at: (usize, usize),
    },
}

/// Replaces `#{name}` by the parameter's value (empty for one without value) and `##` by `#`. Values are not read again.
/// Also says which parts were replaced.
///
/// # Errors
/// The first `#` that is neither; GoCD refuses such a text.
pub fn expand(text: &str, values: &HashMap<String, String>) -> Result<(String, Expansion), Problem> {
    let mut expanded = String::with_capacity(text.len());
    let mut expansion = Expansion::default();
    let mut from = 0;
    while let Some(offset) = text[from..].find('#') {
        let hash = from + offset;
        expanded.push_str(&text[from..hash]);
        let rest = &text[hash + 1..];
        let start = expanded.len();
        if rest.starts_with('#') {
            expanded.push('#');
            from = hash + 2;
        } else if let Some(name) = rest.strip_prefix('{') {
            let Some(length) = name.find('}') else {
                return Err(Problem::Unclosed { at: (hash, text.len()) });
            };
            let (name, end) = (&name[..length], hash + 2 + length + 1);
            let Some(value) = values.get(name) else {
                return Err(Problem::Undefined { name: name.to_string(), at: (hash, end) });
            };
            expanded.push_str(value);
            from = end;
        } else {
            return Err(Problem::Unescaped { at: (hash, hash + 1) });
        }
        expansion.push(hash..from, start..expanded.len());
    }
    expanded.push_str(&text[from..]);
    Ok((expanded, expansion))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_read_as_gocd_reads_them() {
        let values = HashMap::from([("x".to_string(), "v#{y}".to_string())]);
        let cases = [
            ("plain", Ok("plain")),
            ("a#{x}b", Ok("av#{y}b")),
            ("##{x}", Ok("#{x}")),
            ("###{x}", Ok("#v#{y}")),
            ("####", Ok("##")),
            ("grün ## ✓", Ok("grün # ✓")),
            ("a#", Err(Problem::Unescaped { at: (1, 2) })),
            ("# b", Err(Problem::Unescaped { at: (0, 1) })),
            ("a #{x", Err(Problem::Unclosed { at: (2, 5) })),
            ("#{X}", Err(Problem::Undefined { name: "X".into(), at: (0, 4) })),
            ("#{}", Err(Problem::Undefined { name: String::new(), at: (0, 3) })),
        ];
        for (text, expected) in cases {
            assert_eq!(expand(text, &values).map(|(text, _)| text), expected.map(str::to_string), "{text}");
        }
    }
}
