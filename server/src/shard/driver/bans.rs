//! Ending the sessions of players who are banned.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use drumline_room::PlayerId;

use crate::net::close_reason::CloseReason;
use crate::rooms::bans::BanList;

use super::Driver;

/// The list of bans that a room has applied.
#[derive(Debug, Default)]
pub(super) struct AppliedBans {
    version: u64,
    list: Arc<BanList>,
}

impl AppliedBans {
    /// The reason for which a client may not play, for its close frame; `None` if it may.
    pub(super) fn reason(&self, ip: IpAddr, account: Option<&str>, now: Instant) -> Option<String> {
        let ban = self.list.find(ip, account, now)?;
        Some(if ban.reason.is_empty() { CloseReason::Banned.text().to_owned() } else { ban.reason.clone() })
    }
}

impl Driver {
    /// Ends the sessions, held ones too, of the players whom a new list of bans names.
    pub(super) fn apply_bans(&mut self, now: Instant) {
        let version = self.context.bans.version();
        if version == self.bans.version {
            return;
        }
        // Otherwise the list is just being read elsewhere: this room applies it on its next tick.
        let Some(list) = self.context.bans.try_list() else { return };
        self.bans = AppliedBans { version, list };
        let banned = self.occupants.iter().filter_map(|(player, occupant)| {
            Some((*player, self.bans.reason(occupant.ip, occupant.account.as_deref(), now)?))
        });
        for (player, reason) in banned.collect::<Vec<(PlayerId, String)>>() {
            self.remove(player, CloseReason::Banned, &reason, now);
        }
    }
}
