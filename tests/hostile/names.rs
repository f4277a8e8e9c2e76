//! Names that Kubernetes cannot tell apart.

use super::run::Folder;
use super::set::Set;

/// A repository in which everything with a name has one that collides with another one.
fn colliding() -> String {
    let mut text = String::from("format_version: 10\npipelines:\n");
    for (n, (name, group)) in [
        ("Shop.API", "Team.A"),
        ("shop_api", "team_a"),
        ("shop-api", "team-a"),
        ("SHOP--api", "team--A"),
        ("shop_API-", "Team_A."),
    ]
    .into_iter()
    .enumerate()
    {
        text += &format!(
            "  {name}:
    group: {group}
    timer: {{spec: \"0 0 6 * * ?\"}}
    materials:
      co-de: {{git: \"https://git.example.com/acme/{n}.git\", destination: a}}
      co_de: {{git: \"https://git.example.com/acme/{n}.git\", destination: b, branch: other}}
    stages:
"
        );
        for stage in ["build.it", "build_it", "Build--it"] {
            text += &format!("      - {stage}:\n          jobs:\n");
            for job in ["a.b", "a_b", "a-b", "a--b"] {
                text += &format!(
                    "            {job}:\n              artifacts: [build: {{source: out}}]\n              \
                     tasks: [exec: {{command: make}}]\n"
                );
            }
        }
    }
    text + "environments:\n  prod.eu: {pipelines: [Shop.API]}\n  prod_eu: {pipelines: [shop_api]}\n  prod-eu: {pipelines: [shop-api]}\n"
}

#[test]
fn names_that_collide_after_normalisation() {
    let folder = Folder::new().with("repo/a.gocd.yaml", colliding());
    folder.run(&["convert", "repo"]).exits(0);
    let set = Set::read(&folder, "argo");
    let templates = set.pipelines();
    assert_eq!(templates.len(), 5);
    let mut names: Vec<&str> =
        templates.iter().map(|object| object["metadata"]["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 5, "{names:?}");
    for template in templates {
        let jobs = template["spec"]["templates"].as_sequence().unwrap();
        let sources = jobs
            .iter()
            .filter(|job| job["script"]["source"].as_str().is_some_and(|text| text.contains("make")));
        assert_eq!(sources.count(), 12, "{}", template["metadata"]["name"].as_str().unwrap());
    }
    super::judge::accepts(&[folder.path("argo")]);
}

#[test]
fn a_thousand_names_with_the_same_normal_form() {
    let name = |n: usize| (0..10).map(|bit| if n >> bit & 1 == 0 { "a." } else { "a_" }).collect::<String>();
    let pipelines: String = (0..1000)
        .map(|n| {
            super::run::app(&name(n)).lines().skip(2).map(|line| format!("{line}\n")).collect::<String>()
        })
        .collect();
    let folder =
        Folder::new().with("repo/a.gocd.yaml", format!("format_version: 10\npipelines:\n{pipelines}"));
    folder.run(&["convert", "repo"]).exits(0).prints("1000 pipelines");
    assert_eq!(folder.tree("argo/base/templates/apps").len(), 1001);
}

#[test]
fn names_as_long_as_gocd_allows() {
    let long = |end: &str| "n".repeat(255 - end.len()) + end;
    let pipelines: String = ["1", "2"]
        .map(|end| {
            let text = super::run::app(&long(end)).replace("apps", &long("g")).replace("build", &long("s"));
            text.lines().skip(2).map(|line| format!("{line}\n")).collect::<String>()
        })
        .concat();
    let folder =
        Folder::new().with("repo/a.gocd.yaml", format!("format_version: 10\npipelines:\n{pipelines}"));
    folder.run(&["convert", "repo"]).exits(0).prints("2 pipelines");
    assert_eq!(Set::read(&folder, "argo").pipelines().len(), 2);
    super::judge::accepts(&[folder.path("argo")]);
}
