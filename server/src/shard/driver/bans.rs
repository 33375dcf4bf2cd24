//! Ending the sessions of players who are banned.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use drumline_room::PlayerId;

use crate::net::close_reason::CloseReason;
use crate::rooms::bans::BanList;
use crate::rooms::entry::players::Occupant;

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

/// A player whom the game has banned for the room's life.
#[derive(Debug)]
pub(super) struct RoomBan {
    account: Option<Arc<str>>,
    ip: IpAddr,
    reason: String,
}

impl RoomBan {
    pub(super) fn of(occupant: &Occupant, reason: &str) -> Self {
        let Occupant { account, ip, .. } = occupant.clone();
        Self { account, ip, reason: reason.to_owned() }
    }

    /// Returns true if it bans a client: by account, or by address if the banned player had no account.
    fn bans(&self, ip: IpAddr, account: Option<&str>) -> bool {
        match &self.account {
            Some(banned) => account == Some(banned),
            None => ip == self.ip,
        }
    }
}

impl Driver {
    /// The reason for which a client may not play in this room, for its close frame; `None` if it may.
    pub(super) fn ban_reason(&self, ip: IpAddr, account: Option<&str>, now: Instant) -> Option<String> {
        let by_game = self.room_bans.iter().find(|ban| ban.bans(ip, account)).map(|ban| {
            let text = if ban.reason.is_empty() { CloseReason::Banned.text() } else { &ban.reason };
            text.to_owned()
        });
        by_game.or_else(|| self.bans.reason(ip, account, now))
    }

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
