//! Reads one environment.

use super::variable;
use crate::gocd::Environment;
use crate::source::{At, Reader};
use crate::span::{FileId, Src};

/// Reads an environment; its body may be missing.
pub fn read(reader: &mut Reader<'_>, file: FileId, name: Src<String>, body: At) -> Option<Environment> {
    let mut environment = Environment {
        file,
        name,
        slots: Vec::new(),
        refused: false,
        pipelines: Vec::new(),
        agents: Vec::new(),
        variables: Vec::new(),
        containers: Vec::new(),
    };
    if reader.is_null(body) {
        return Some(environment);
    }
    reader.map(body, "an environment", |keys| {
        let containers = &mut environment.containers;
        environment.variables = variable::variables(keys, containers);
        environment.pipelines = variable::texts(keys, "pipelines", containers);
        environment.agents = variable::texts(keys, "agents", containers);
        environment
    })
}

#[cfg(test)]
mod tests {
    use crate::gocd::testing::given;

    #[test]
    fn an_environment_may_be_empty() {
        let given = given(
            "format_version: 10\nenvironments:\n  a:\n  b: {}\n  c: {pipelines: [x, y], agents: [], \
             environment_variables: {A: '#{b}'}}\n",
        );
        assert_eq!(given.findings, Vec::<String>::new());
        let counts: Vec<_> = given.configuration.environments.iter().map(|e| e.pipelines.len()).collect();
        assert_eq!(counts, [0, 0, 2]);
        assert!(given.configuration.environments[2].has("X"));
    }

    #[test]
    fn an_environment_of_the_wrong_form_is_left_out_alone() {
        let given = given("format_version: 10\nenvironments: {a: {pipelines: x}, b: {}}\n");
        assert_eq!(given.findings, ["!2:31 wrong-form: `pipelines` must be a list, but a text is written"]);
        assert_eq!(given.configuration.environments.len(), 1);
    }
}
