//! Text that ends up inside Argo's templates: what the source wrote, and what Argo fills in.

/// A part of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text of the source: arrives exactly as it is, whatever it looks like to Argo.
    Literal(String),
    /// An Argo expression without its braces, for example `workflow.outputs.parameters.counter`.
    Tag(String),
    /// A variable declared earlier in the same container, filled in by Kubernetes.
    Variable(String),
}

/// Text with places that Argo or Kubernetes fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(pub Vec<Part>);

impl Text {
    /// Text of the source.
    pub fn literal(text: impl Into<String>) -> Self {
        Text(vec![Part::Literal(text.into())])
    }

    /// An Argo expression.
    pub fn tag(expression: impl Into<String>) -> Self {
        Text(vec![Part::Tag(expression.into())])
    }

    /// An output of the run's first step, `prepare`, which every template of the run can see.
    pub fn output(name: &str) -> Self {
        Text::tag(format!("workflow.outputs.parameters.{name}"))
    }

    /// The value of a container's environment variable, written so that Argo's templating and Kubernetes'
    /// `$(NAME)` leave the literal parts alone. Where a literal contains `{{`, the container must declare
    /// [`BRACE`] first: see [`Text::needs_brace`].
    ///
    /// Argo has no escape for `{{`; Kubernetes expands `$(NAME)` after Argo is done, and turns `$$` into `$`.
    pub fn as_env_value(&self) -> String {
        let mut value = String::new();
        for (index, part) in self.0.iter().enumerate() {
            match part {
                Part::Literal(text) => {
                    let reference_follows = matches!(self.0.get(index + 1), Some(Part::Variable(_)));
                    value.push_str(&split_pairs(&double_dollars(text, reference_follows)));
                }
                Part::Tag(expression) => value.push_str(&format!("{{{{{expression}}}}}")),
                Part::Variable(name) => value.push_str(&format!("$({name})")),
            }
        }
        value
    }

    /// Whether [`Text::as_env_value`] refers to [`BRACE`].
    pub fn needs_brace(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Literal(text) if text.contains("{{")))
    }
}

/// The variable that stands for one `{` where two would be read as an Argo tag.
pub const BRACE: &str = "GOCD_BRACE";

/// Doubles each run of `$` that Kubernetes would read: two or more, or one before `(` or before a reference
/// (which [`split_pairs`] puts in place of `{{`, or which is the next part).
fn double_dollars(text: &str, reference_follows: bool) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let run = rest.len() - rest.trim_start_matches('$').len();
        let (dollars, after) = rest.split_at(run);
        out.push_str(dollars);
        let before_reference = after.starts_with("{{") || (after.is_empty() && reference_follows);
        if run > 1 || after.starts_with('(') || before_reference {
            out.push_str(dollars);
        }
        rest = after;
    }
    out + rest
}

fn split_pairs(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        out.push_str(&rest[..start]);
        out.push_str("$(GOCD_BRACE)");
        rest = &rest[start + 1..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What Kubernetes makes of an env value, by its documentation.
    fn kubernetes(value: &str) -> String {
        let mut out = String::new();
        let mut rest = value;
        while let Some(start) = rest.find('$') {
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            if let Some(after) = rest.strip_prefix("$$") {
                out.push('$');
                rest = after;
            } else if let Some(after) = rest.strip_prefix("$(GOCD_BRACE)") {
                out.push('{');
                rest = after;
            } else {
                out.push('$');
                rest = &rest[1..];
            }
        }
        out + rest
    }

    proptest! {
        #[test]
        fn literals_arrive_as_they_are(text in "[${}()a=. A-Z]{0,20}") {
            let value = Text::literal(text.clone()).as_env_value();
            prop_assert!(!value.contains("{{"), "{}", value);
            prop_assert_eq!(kubernetes(&value), text);
        }
    }

    #[test]
    fn tags_stay_tags() {
        assert_eq!(Text::output("counter").as_env_value(), "{{workflow.outputs.parameters.counter}}");
    }
}
