//! The program `gocd2argo`: arguments in, exit code out.

use gocd2argo::{finding::Account, gocd, plan, render, settings::Settings, source::Sources};
fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1);
    let out = args.next().unwrap_or_default();
    let paths: Vec<std::path::PathBuf> = args.map(Into::into).collect();
    let mut account = Account::default();
    let sources = Sources::read(&paths, &mut account)?;
    let configuration = gocd::read(&sources, &mut account);
    let settings = Settings::default();
    let plan = plan::plan(&configuration, &settings, &|_| None, &mut account);
    let engine = render::engine::Engine::new(None)?;
    for m in render::render(&plan, &engine)? {
        let p = std::path::Path::new(&out).join(&m.path);
        std::fs::create_dir_all(p.parent().unwrap_or(&p))?;
        std::fs::write(p, m.text)?;
    }
    account.settle();
    for f in &account.findings {
        let p = sources.position(sources.locate(f));
        eprintln!("{:?} {}:{}:{} {}: {}", f.rule.severity, f.place.span.file.0, p.line, p.column, f.rule.name, f.message);
    }
    eprintln!("{:?} open {}", account.ledger.counts(sources.total_slots()), account.ledger.open(sources.total_slots()).len());
    for s in account.ledger.open(sources.total_slots()).iter().take(10) {
        let span = sources.slot_span(*s);
        eprintln!("open {:?} {}", sources.position(span), sources.slice(span));
    }
    Ok(())
}
