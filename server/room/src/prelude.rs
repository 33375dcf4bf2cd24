//! What a game needs: `use drumline::prelude::*;`.

pub use drumline_shared::{Entity, Message, Replicate, Single, Table, World};

pub use crate::{
    Channel, ChatVerdict, EndReason, Game, Identity, Interest, Joiner, Nothing, Options, PlayerId, Request,
    Rewound, Rng, RngExt, RoomRules, SeedableRng, Setup, SetupError, Sight, Tick,
};
