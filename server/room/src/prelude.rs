//! Everything that a game needs, without the server: `use drumline_room::prelude::*;`.

pub use drumline_shared::{Entity, EntityId, Message, Place, Press, Replicate, Single, Table, World, game};
pub use glam::{Quat, Vec2, Vec3};

pub use crate::rng::{Rng, RngExt, SeedableRng};
pub use crate::{
    Channel, ChatVerdict, EndReason, Game, Identity, Interest, Job, JobError, JobId, JobKey, JoinRefused,
    Mind, Nothing, Options, PlayerId, PlayerInfo, Players, Presence, Request, Rewound, RoomRules, Sent,
    Setup, SetupError, Sight, Sleep, Spectators, Tick, TimerId, Timers, To, View,
};
