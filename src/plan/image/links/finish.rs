//! What is known only when all uses were seen.

use super::*;
use crate::plan::image::buildkit;

impl Linker<'_> {
    /// What is known only when everything was seen.
    pub(super) fn finish(&mut self) {
        self.take_wanted();
        buildkit::choose(&mut self.out, self.units, self.options);
        // A `#` marks names that mean something in one task only; a `$(` may say another thing elsewhere.
        let shared = self.handles.iter().filter(|(key, _)| !key.contains(['#', '(', '`']));
        self.out.names =
            shared.filter_map(|(key, handle)| Some((key.clone(), *handle.builds.last()?))).collect();
        self.settle_runs();
        for number in 0..self.out.builds.len() {
            let orders = &self.orders;
            let order = |destination: &Destination| {
                orders.get(&(number, destination.shown.clone())).copied().unwrap_or(usize::MAX)
            };
            self.out.builds[number].wishes.destinations.sort_by_key(order);
            let build = &self.out.builds[number];
            let Some((spot, kind)) = build.used else { continue };
            let pushed = !build.wishes.destinations.is_empty();
            let early = build.wishes.tar.is_none() && !pushed;
            let rule = match kind {
                _ if !early && pushed => continue,
                Use::Extract => &rule::EXTRACT_FROM_IMAGE,
                _ => &rule::LOCAL_IMAGE_NEEDS_REGISTRY,
            };
            let message = "the image is needed by a later command, and no daemon keeps it until then";
            self.out.builds[number].refused.get_or_insert(rule);
            let own = self.out.builds[number].spot;
            self.note(rule, own, message, Some("push the image under a scratch tag and use that reference"));
            self.refuse_dependant(spot, rule);
        }
    }

    /// The build that starts from an image which is not to be had cannot be converted either.
    fn refuse_dependant(&mut self, spot: Spot, rule: &'static Rule) {
        if let Some(build) = self.out.builds.iter_mut().find(|build| build.spot == spot) {
            build.refused.get_or_insert(rule);
        }
    }
}
