//! Everything that a game needs, without the server: `use drumline_room::prelude::*;`.

pub use drumline_shared::{Entity, EntityId, Message, Place, Press, Replicate, Single, Table, World};

pub use crate::rng::{Rng, RngExt, SeedableRng};
pub use crate::{
    Channel, ChatVerdict, EndReason, Game, Identity, Interest, Joiner, Nothing, Options, PlayerId, Request,
    Rewound, RoomRules, Sent, Setup, SetupError, Sight, Sleep, Tick,
};
