//! Every place of a pipeline or environment: each name, text, item and container in the model.

use super::{
    Approval, Artifact, Environment, Fetch, Filter, Job, Material, Pipeline, Stage, Task, TaskKind, Variable,
};
use crate::span::{Place, Src};

/// Every place of a pipeline, in the order of the model. Places may repeat: a stage that is its own job shares them.
pub fn places(pipeline: &Pipeline) -> Vec<Place> {
    let mut places = Places::default();
    places.add(&pipeline.name);
    places.texts([&pipeline.group, &pipeline.template, &pipeline.label_template, &pipeline.lock_behavior]);
    places.maybe(&pipeline.display_order);
    places.maybe(&pipeline.locking);
    if let Some(tool) = &pipeline.tracking_tool {
        places.0.push(tool.place);
        places.texts([&tool.link, &tool.regex]);
    }
    if let Some(timer) = &pipeline.timer {
        places.0.push(timer.place);
        places.add(&timer.spec);
        places.maybe(&timer.only_on_changes);
    }
    places.0.extend(&pipeline.containers);
    places.variables(&pipeline.variables);
    places.all(&pipeline.parameters);
    pipeline.materials.iter().for_each(|material| places.material(material));
    pipeline.stages.iter().for_each(|stage| places.stage(stage));
    places.0
}

/// Every place of an environment's definition in one file.
pub fn environment_places(environment: &Environment) -> Vec<Place> {
    let mut places = Places::default();
    places.add(&environment.name);
    places.all(&environment.pipelines);
    places.all(&environment.agents);
    places.variables(&environment.variables);
    places.0.extend(&environment.containers);
    places.0
}

/// Every place of a material.
pub fn material_places(material: &Material) -> Vec<Place> {
    let mut places = Places::default();
    places.material(material);
    places.0
}

/// Every place of a task, its `on_cancel` included.
pub fn task_places(task: &Task) -> Vec<Place> {
    let mut places = Places::default();
    places.task(task);
    places.0
}

/// Every place of an artifact.
pub fn artifact_places(artifact: &Artifact) -> Vec<Place> {
    let mut places = Places::default();
    places.artifact(artifact);
    places.0
}

/// Every place of an approval.
pub fn approval_places(approval: &Approval) -> Vec<Place> {
    let mut places = Places::default();
    places.approval(approval);
    places.0
}

#[derive(Default)]
struct Places(Vec<Place>);

impl Places {
    fn add<T>(&mut self, src: &Src<T>) {
        self.0.push(src.place);
    }

    fn maybe<T>(&mut self, src: &Option<Src<T>>) {
        self.0.extend(src.iter().map(|src| src.place));
    }

    fn all<T>(&mut self, list: &[Src<T>]) {
        self.0.extend(list.iter().map(|src| src.place));
    }

    fn texts<const N: usize>(&mut self, texts: [&Option<Src<String>>; N]) {
        texts.into_iter().for_each(|text| self.maybe(text));
    }

    fn variables(&mut self, variables: &[Variable]) {
        self.0.extend(variables.iter().map(|variable| variable.name.place));
    }

    fn material(&mut self, material: &Material) {
        let m = material;
        self.add(&m.name);
        self.add(&m.kind);
        self.texts([&m.type_key, &m.url, &m.port, &m.view, &m.branch, &m.destination, &m.project, &m.domain]);
        self.texts([&m.username, &m.password, &m.encrypted_password, &m.pipeline, &m.stage, &m.package]);
        self.texts([&m.scm, &m.plugin_id, &m.plugin_version]);
        for flag in
            [&m.auto_update, &m.shallow_clone, &m.check_externals, &m.use_tickets, &m.ignore_for_scheduling]
        {
            self.maybe(flag);
        }
        self.filter(&m.filter);
        self.filter(&m.other_filter);
        self.all(&m.options);
        self.all(&m.secure_options);
        self.0.extend(&m.containers);
        self.all(&m.unknown);
    }

    fn filter(&mut self, filter: &Option<Filter>) {
        if let Some(filter) = filter {
            self.add(&filter.key);
            self.all(&filter.patterns);
        }
    }

    fn stage(&mut self, stage: &Stage) {
        self.add(&stage.name);
        self.0.push(stage.item);
        for flag in [&stage.fetch_materials, &stage.keep_artifacts, &stage.clean_workspace] {
            self.maybe(flag);
        }
        if let Some(approval) = &stage.approval {
            self.approval(approval);
        }
        self.variables(&stage.variables);
        self.0.extend(&stage.containers);
        stage.jobs.iter().for_each(|job| self.job(job));
    }

    fn approval(&mut self, approval: &Approval) {
        self.0.push(approval.place);
        self.add(&approval.kind);
        self.maybe(&approval.allow_only_on_success);
        self.all(&approval.users);
        self.all(&approval.roles);
        self.0.extend(&approval.containers);
    }

    fn job(&mut self, job: &Job) {
        self.add(&job.name);
        self.maybe(&job.timeout);
        self.maybe(&job.run_instances);
        self.all(&job.resources);
        self.maybe(&job.elastic_profile_id);
        self.variables(&job.variables);
        job.artifacts.iter().for_each(|artifact| self.artifact(artifact));
        self.all(&job.tabs);
        self.all(&job.properties);
        self.0.extend(&job.property_keys);
        job.tasks.iter().for_each(|task| self.task(task));
        self.0.extend(&job.containers);
    }

    fn artifact(&mut self, artifact: &Artifact) {
        self.0.push(artifact.item);
        self.add(&artifact.kind);
        self.texts([&artifact.source, &artifact.destination, &artifact.id, &artifact.store_id]);
        self.all(&artifact.options);
        self.all(&artifact.secure_options);
        self.0.extend(&artifact.containers);
    }

    /// `on_cancel` may hold a task with `on_cancel`, so this walks the chain.
    fn task(&mut self, task: &Task) {
        let mut next = Some(task);
        while let Some(task) = next {
            self.0.push(task.item);
            self.add(&task.kind);
            self.texts([&task.run_if, &task.working_directory]);
            self.0.extend(&task.containers);
            self.all(&task.unknown);
            self.kind(&task.kind.value);
            next = task.on_cancel.as_deref();
        }
    }

    fn kind(&mut self, kind: &TaskKind) {
        match kind {
            TaskKind::Exec { command, arguments, timeout } => {
                self.maybe(command);
                self.all(arguments);
                self.maybe(timeout);
            }
            TaskKind::Build { build_file, target, nant_path, .. } => {
                self.texts([build_file, target, nant_path]);
            }
            TaskKind::Fetch(fetch) => self.fetch(fetch),
            TaskKind::Script { text } => self.add(text),
            TaskKind::Plugin { id, version, options, secure_options } => {
                self.texts([id, version]);
                self.all(options);
                self.all(secure_options);
            }
            TaskKind::Unknown { .. } => {}
        }
    }

    fn fetch(&mut self, fetch: &Fetch) {
        self.texts([&fetch.artifact_origin, &fetch.pipeline, &fetch.stage, &fetch.job, &fetch.source]);
        self.texts([&fetch.destination, &fetch.artifact_id]);
        self.maybe(&fetch.is_file);
        self.0.extend(fetch.configuration);
        self.all(&fetch.options);
        self.all(&fetch.secure_options);
    }
}
