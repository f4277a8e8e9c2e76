//! The order in which pipelines move.
//!
//! **Consumers first.** A pipeline never moves before the pipelines that wait for it; it may move with them. So what is left
//! in GoCD never waits for Argo: a wave that goes wrong stops nothing but itself, GoCD's files stay as they are, and the
//! bridge only reads. The other way round every moved pipeline would need a stand-in on the GoCD server.
//!
//! **Low risk first.** A pipeline has the highest risk among itself and everything behind it in its chain, so a chain that
//! ends in a deployment waits until harmless chains have shown that the platform works. Within a risk, a wave takes as many
//! pipelines as [`FULL`] points of effort allow.
//!
//! Waves that the configuration names come first, as they are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::pattern;
use super::weight::{self, Risk, Weight};
use super::{Move, Wave, Waves};
use crate::finding::Finding;
use crate::gocd::{Configuration, MaterialKind, Pipeline};
use crate::settings::Settings;

/// Points of effort that one wave holds; a single pipeline may have more.
pub const FULL: usize = 20;

/// Who waits for whom, by position in the list of sound pipelines.
struct Graph {
    upstream: Vec<BTreeSet<usize>>,
    downstream: Vec<BTreeSet<usize>>,
}

impl Graph {
    fn of(pipelines: &[&Pipeline]) -> Graph {
        let by_name: BTreeMap<String, usize> = pipelines
            .iter()
            .enumerate()
            .map(|(index, pipeline)| (pipeline.name.to_lowercase(), index))
            .collect();
        let mut graph = Graph {
            upstream: vec![BTreeSet::new(); pipelines.len()],
            downstream: vec![BTreeSet::new(); pipelines.len()],
        };
        for (index, pipeline) in pipelines.iter().enumerate() {
            let dependencies =
                pipeline.materials.iter().filter(|material| material.kind.value == MaterialKind::Dependency);
            for name in dependencies.filter_map(|material| material.pipeline.as_ref()) {
                if let Some(up) = by_name.get(&name.to_lowercase()).copied().filter(|up| *up != index) {
                    graph.upstream[index].insert(up);
                    graph.downstream[up].insert(index);
                }
            }
        }
        graph
    }
}

/// Orders the sound pipelines of a configuration; `findings` are those of its plan.
pub fn waves(configuration: &Configuration, findings: &[Finding], settings: &Settings) -> Waves {
    let pipelines: Vec<&Pipeline> = configuration.sound().collect();
    let graph = Graph::of(&pipelines);
    let found = weight::findings_by_pipeline(&pipelines, findings);
    let weights: Vec<Weight> =
        pipelines.iter().zip(&found).map(|(pipeline, found)| weight::weigh(pipeline, found)).collect();
    let order = Order { pipelines: &pipelines, graph: &graph, weights: &weights };
    let mut moves: Vec<Vec<Placed>> = Vec::new();
    let mut pinned = BTreeSet::new();
    for patterns in &settings.migration.waves {
        let fits = |index: &usize| {
            let name = &pipelines[*index].name.value;
            !pinned.contains(index) && patterns.iter().any(|pattern| pattern::fits(pattern, name))
        };
        let wave: Vec<usize> = (0..pipelines.len()).filter(fits).collect();
        pinned.extend(&wave);
        moves.push(
            wave.into_iter()
                .map(|index| Placed { index, why: vec!["gocd2argo.yaml says so".into()] })
                .collect(),
        );
    }
    moves.extend(order.computed(&pinned));
    moves.retain(|wave| !wave.is_empty());
    order.finish(moves)
}

/// A pipeline in its wave.
struct Placed {
    index: usize,
    why: Vec<String>,
}

struct Order<'a> {
    pipelines: &'a [&'a Pipeline],
    graph: &'a Graph,
    weights: &'a [Weight],
}

impl Order<'_> {
    fn name(&self, index: usize) -> &str {
        &self.pipelines[index].name.value
    }

    /// Waves of what is not pinned: consumers first, then by risk, effort and name.
    fn computed(&self, pinned: &BTreeSet<usize>) -> Vec<Vec<Placed>> {
        let waiting = |index: usize| self.graph.downstream[index].difference(pinned).count();
        let mut left: Vec<usize> = (0..self.pipelines.len()).map(waiting).collect();
        // Own risk, and of whom it is when it came from somebody downstream.
        let mut risk: Vec<(Risk, Option<usize>)> =
            self.weights.iter().map(|weight| (weight.risk, None)).collect();
        let key =
            |index: usize, risk: Risk| Reverse((risk, self.weights[index].effort, self.name(index), index));
        let open = |index: &usize| !pinned.contains(index);
        let mut ready: BinaryHeap<_> = (0..self.pipelines.len())
            .filter(|index| open(index) && left[*index] == 0)
            .map(|index| key(index, risk[index].0))
            .collect();
        let mut filling = Filling::default();
        let mut done = pinned.clone();
        loop {
            // GoCD refuses circles; whatever is in one comes last, by name.
            let next = ready.pop().map(|Reverse((_, _, _, index))| index);
            let next = next.or_else(|| {
                let rest = (0..self.pipelines.len()).filter(|index| !done.contains(index));
                rest.min_by_key(|index| (self.name(*index), *index))
            });
            let Some(index) = next else { break };
            if !done.insert(index) {
                continue;
            }
            filling.take(index, risk[index], self);
            for up in self.graph.upstream[index].iter().copied().filter(open) {
                if risk[up].0 < risk[index].0 {
                    risk[up] = (risk[index].0, Some(risk[index].1.unwrap_or(index)));
                }
                left[up] = left[up].saturating_sub(1);
                if left[up] == 0 {
                    ready.push(key(up, risk[up].0));
                }
            }
        }
        filling.waves
    }

    fn finish(&self, placed: Vec<Vec<Placed>>) -> Waves {
        let mut number_of = vec![0; self.pipelines.len()];
        for (number, wave) in placed.iter().enumerate() {
            wave.iter().for_each(|placed| number_of[placed.index] = number + 1);
        }
        let names = |indices: &BTreeSet<usize>, keep: &dyn Fn(usize) -> bool| -> Vec<String> {
            let mut names: Vec<String> = indices
                .iter()
                .filter(|index| keep(**index))
                .map(|index| self.name(*index).to_string())
                .collect();
            names.sort();
            names
        };
        let wave = |(number, placed): (usize, Vec<Placed>)| {
            let number = number + 1;
            let pipelines: Vec<Move> = placed
                .into_iter()
                .map(|Placed { index, why }| Move {
                    pipeline: self.name(index).to_string(),
                    group: self.pipelines[index].group().to_string(),
                    risk: self.weights[index].risk,
                    effort: self.weights[index].effort,
                    counted: self.weights[index].counted.clone(),
                    why,
                    waits_for_gocd: names(&self.graph.upstream[index], &|up| number_of[up] > number),
                    awaited_in_gocd: names(&self.graph.downstream[index], &|down| number_of[down] > number),
                })
                .collect();
            Wave { number, effort: pipelines.iter().map(|pipeline| pipeline.effort).sum(), pipelines }
        };
        Waves { version: 1, waves: placed.into_iter().enumerate().map(wave).collect() }
    }
}

/// Waves that are being filled, one after the other.
#[derive(Default)]
struct Filling {
    waves: Vec<Vec<Placed>>,
    risk: Option<Risk>,
    effort: usize,
}

impl Filling {
    fn take(&mut self, index: usize, risk: (Risk, Option<usize>), order: &Order) {
        let effort = order.weights[index].effort;
        let is_full = self.effort + effort > FULL;
        if self.risk != Some(risk.0) || is_full {
            self.waves.push(Vec::new());
            self.effort = 0;
        }
        let why = self.why(index, risk, is_full && self.risk == Some(risk.0), order);
        self.risk = Some(risk.0);
        self.effort += effort;
        if let Some(wave) = self.waves.last_mut() {
            wave.push(Placed { index, why });
        }
    }

    fn why(&self, index: usize, risk: (Risk, Option<usize>), is_full: bool, order: &Order) -> Vec<String> {
        let mut why = match risk.1 {
            None => vec![format!("{} risk", risk.0.word())],
            Some(from) => vec![format!(
                "{} risk itself, {} by `{}` behind it",
                order.weights[index].risk.word(),
                risk.0.word(),
                order.name(from)
            )],
        };
        let mut consumers: Vec<&str> =
            order.graph.downstream[index].iter().map(|down| order.name(*down)).collect();
        consumers.sort_unstable();
        why.push(match consumers.as_slice() {
            [] => "no pipeline waits for it".to_string(),
            names => format!(
                "not before {}, which wait for it",
                names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            )
            .replace(", which wait", if names.len() == 1 { ", which waits" } else { ", which wait" }),
        });
        if is_full {
            why.push(format!("the wave before was full ({FULL} points)"));
        }
        why
    }
}
