//! stub
use crate::finding::Account;
use crate::span::Place;
use std::collections::BTreeMap;
pub struct TaskText<'a> {
    pub place: Place,
    pub item: Place,
    pub form: Form<'a>,
    pub directory: &'a str,
}
pub enum Form<'a> {
    Script(&'a str),
    Exec(&'a [String]),
    Other,
}
pub struct JobImages {
    pub tasks: Vec<NewForm>,
    pub builds: Vec<ImageBuild>,
}
pub enum NewForm {
    Unchanged,
    Script(String),
    Exec(Vec<String>),
    Nothing,
}
pub struct ImageBuild {
    pub container: String,
}
pub struct Options<'a> {
    pub cache_repo: Option<&'a str>,
    pub variables: &'a BTreeMap<String, String>,
    pub files: &'a dyn Fn(&str) -> Option<String>,
    pub extra_flags: &'a [String],
}
pub fn plan(tasks: &[TaskText<'_>], _: &Options, _: &mut Account) -> JobImages {
    JobImages { tasks: tasks.iter().map(|_| NewForm::Unchanged).collect(), builds: vec![] }
}
