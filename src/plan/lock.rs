//! Locks: `lock_behavior`, and `locking` of format version 1.
//!
//! | GoCD | Argo | exact? |
//! |---|---|---|
//! | `none` | nothing at the run; each stage has a mutex, because a stage is never twice active | yes |
//! | `lockOnFailure` | a lock in the pipeline's state, taken by `prepare`, freed when the last stage ends | yes |
//! | `unlockWhenFinished` | the same, freed also when the run stops or waits for a person | yes |
//!
//! A run that finds the lock taken ends without doing anything; the next poke (at most five minutes later) starts a run
//! with the newest revisions: GoCD does not queue either. A mutex of the whole Workflow would queue, and would be held
//! at approvals. GoCD: `lock_behavior`. Argo: `synchronization.mutexes`.

use super::Cx;
use crate::gocd::{Lock, Pipeline};

crate::findings! {
    /// A failed run keeps the pipeline locked until somebody unlocks it.
    ///
    /// ## Why it matters
    /// In GoCD a person unlocks with a button. Here the lock is a key of the ConfigMap that holds the pipeline's state.
    ///
    /// ## Example
    /// ```yaml
    /// format_version: 10
    /// pipelines:
    ///   app:
    ///     group: apps
    ///     lock_behavior: lockOnFailure
    ///     materials: {code: {git: "https://git.example.com/acme/app.git"}}
    ///     stages: [build: {tasks: [exec: {command: make}]}]
    /// ```
    ///
    /// ## Instead
    /// Unlock with the command that the message gives, or use `unlockWhenFinished`.
    pub LOCK_MANUAL_UNLOCK = "lock-manual-unlock", Migration, Info, Converted;
}

/// The word that `prepare.sh` knows for a pipeline's lock.
pub fn plan(pipeline: &Pipeline, slug: &str, cx: &mut Cx) -> &'static str {
    for place in
        [pipeline.locking.as_ref().map(|l| l.place), pipeline.lock_behavior.as_ref().map(|l| l.place)]
            .into_iter()
            .flatten()
    {
        cx.account.convert("lock", place);
    }
    let Some(lock) = &pipeline.lock else { return "none" };
    match lock.value {
        Lock::None => "none",
        Lock::WhenFinished => "unlockWhenFinished",
        Lock::OnFailure => {
            cx.account
                .report(&LOCK_MANUAL_UNLOCK, lock, "a failed run keeps the lock until a person frees it")
                .help(format!(
                    "kubectl -n {} patch configmap gocd-state-{slug} --type merge -p '{{\"data\":{{\"lock\":\"\"}}}}'",
                    cx.settings.namespace()
                ));
            "lockOnFailure"
        }
    }
}
