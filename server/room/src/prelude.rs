//! All that a game needs: `use drumline::prelude::*;`.

pub use drumline_shared::{Entity, Message, Replicate, Single, Table, World};

pub use crate::rng::{Rng, RngExt, SeedableRng};
pub use crate::{
    Channel, ChatVerdict, EndReason, Game, Identity, Interest, Joiner, Nothing, Options, PlayerId, Request,
    Rewound, RoomRules, Setup, SetupError, Sight, Tick,
};
