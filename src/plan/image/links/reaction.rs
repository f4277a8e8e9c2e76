//! Builds that nobody can take out of their script: what runs depends on their result, or how often they run is known
//! only at run time.

use super::*;
use crate::plan::image::guard::harmless;
use crate::plan::image::runs;
use std::ops::Range;

impl Linker<'_> {
    /// Refuses such a build.
    pub(super) fn needs_a_person(&mut self, spot: Spot, number: usize) {
        if self.options.at_run_time {
            return;
        }
        let (unit, command) = self.command(spot);
        let loops = runs::of(&unit.script, command);
        let reaction = self.reaction(spot).map(|other| short(&unit.shown(other)));
        if let Some(what) = reaction {
            self.out.builds[number].refused.get_or_insert(&build_rule::EXIT_CODE_USED);
            let message = format!("`{what}` runs only when the build has failed");
            let help = "put it into a task of its own with `run_if: failed`";
            self.note(&build_rule::EXIT_CODE_USED, spot, message, Some(help));
        }
        if loops.unknown.is_some() {
            self.out.builds[number].refused.get_or_insert(&build_rule::LOOP_NOT_STATIC);
            let message = "which images the loop builds is known only when the job runs";
            self.note(&build_rule::LOOP_NOT_STATIC, spot, message, Some("write the names of the images out"));
        }
    }

    /// A command that runs because the build has failed, and does more than to say so and end.
    fn reaction(&self, spot: Spot) -> Option<&Command> {
        let (unit, build) = self.command(spot);
        let script = &unit.script;
        let at = build.range.start;
        // `if [ $? -ne 0 ]`: the next command asks for the result.
        let next = script.commands.get(spot.1 + 1).filter(|next| next.reads.contains("?"));
        let asked = next.map(|next| next.range.clone());
        let failed = asked.as_ref().is_some_and(|range| {
            let text = unit.slice(range);
            text.contains("-ne") || text.contains("!=") || text.contains("-gt")
        });
        let decides = |range: &Range<usize>| {
            range.contains(&at) || asked.as_ref().is_some_and(|asked| range.contains(&asked.start))
        };
        let negated =
            script.around(build.frame).any(|(_, frame)| matches!(frame.kind, Kind::Negated)) || failed;
        let reacts = |command: &Command| {
            script.around(command.frame).any(|(id, frame)| match &frame.kind {
                _ if script.encloses(id, build.frame) => false,
                Kind::Or(left) => decides(left) && !failed,
                Kind::And(left) => decides(left) && negated,
                Kind::Branch { conditions, otherwise } => {
                    let last = conditions.last().is_some_and(&decides);
                    conditions.iter().any(&decides) && (*otherwise || !last) != negated
                }
                _ => false,
            })
        };
        let ends = |command: &Command| {
            let name = command.words.first().and_then(Word::constant);
            matches!(name.as_deref(), Some("exit" | "return" | "break" | "continue" | "false"))
        };
        let image = |command: &Command| {
            docker::recognise(&command.words).is_some_and(|call| call.kind != Use::Script)
        };
        let own = |command: &&Command| !harmless(command) && !ends(command) && !image(command);
        let behind = script.commands.iter().skip(spot.1 + 1).filter(own);
        behind.filter(|command| !command.test).find(|command| reacts(command))
    }
}
