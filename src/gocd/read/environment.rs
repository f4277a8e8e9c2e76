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
