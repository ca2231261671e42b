namespace Photos.Tests.Life;

/// <summary>One order in which things happen to a photo, from the start until every call has ended.</summary>
/// <param name="Calls">The calls.</param>
/// <param name="Moves">What happens.</param>
/// <param name="States">The state before each move, and the last one.</param>
internal sealed record Schedule(IReadOnlyList<PhotoCall> Calls, IReadOnlyList<Move> Moves, IReadOnlyList<LifeState> States)
{
    private static readonly PhotoCall[] s_calls = [PhotoCall.Upload, PhotoCall.Write, PhotoCall.Rename, PhotoCall.Delete, PhotoCall.DeleteAll];

    /// <summary>Every choice of uploads, writes, renames, deletes and deletes of all, whatever their order.</summary>
    public static IEnumerable<PhotoCall[]> Combinations(int size) => size == 0
        ? [[]]
        : from rest in Combinations(size - 1)
          from call in s_calls
          where rest.Length == 0 || rest[^1] <= call
          select (PhotoCall[])[.. rest, call];

    /// <summary>All orders, except that identical calls begin in the order of their numbers.</summary>
    /// <param name="model">What may happen.</param>
    /// <param name="start">The state at the start.</param>
    /// <param name="isReduced">
    /// Whether to leave out orders that differ from another one only in moves that do not affect each other. Two consecutive moves
    /// of different actors do not affect each other if the other order is possible, too, and leads to the same state with the same
    /// responses. An order is left out if such a swap would put the actor with the lower number first. Of all orders that swaps
    /// turn into one another, the one with the lowest numbers first always remains.
    /// </param>
    public static IEnumerable<Schedule> All(LifeModel model, LifeState start, bool isReduced)
    {
        Schedule empty = new(model.Calls, [], [start]);
        return empty.Continuations(model, isReduced);
    }

    public bool Has(params ReadOnlySpan<MoveKind> kinds)
    {
        foreach (Move move in Moves)
        {
            if (kinds.Contains(move.Kind))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the same moves lead to the same responses and the same end in another model.</summary>
    public bool EndsAsIn(LifeModel model)
    {
        LifeState state = States[0];
        foreach (Move move in Moves)
        {
            LifeState[] after = [.. model.Moves(state).Where(next => next.Move == move).Select(next => next.After)];
            if (after.Length == 0)
            {
                return false;
            }

            state = after[0];
        }

        return (state.Life, state.Places) == (States[^1].Life, States[^1].Places);
    }

    public override string ToString() =>
        $"{States[0].Life}: {string.Join(", ", Moves.Select((move, i) => move.Describe(Calls, States[i])))}";

    private IEnumerable<Schedule> Continuations(LifeModel model, bool isReduced)
    {
        // Time to live may go on, but a schedule need not wait for it.
        if (model.IsOver(States[^1]))
        {
            return [this];
        }

        return
            from next in model.Moves(States[^1])
            where !OvertakesATwin(next.Move) && !(isReduced && IsBetterSwapped(model, next.Move, next.After))
            from schedule in new Schedule(Calls, [.. Moves, next.Move], [.. States, next.After]).Continuations(model, isReduced)
            select schedule;
    }

    private bool OvertakesATwin(Move move) =>
        move.Actor < Calls.Count
        && !HasBegun(move.Actor)
        && Enumerable.Range(0, move.Actor).Any(other => Calls[other] == Calls[move.Actor] && !HasBegun(other));

    private bool HasBegun(int call) => Moves.Any(move => move.Actor == call);

    private bool IsBetterSwapped(LifeModel model, Move move, LifeState after)
    {
        if (Moves.Count == 0 || move.Actor >= Moves[^1].Actor)
        {
            return false;
        }

        return model.Moves(States[^2]).Where(one => one.Move == move)
            .SelectMany(one => model.Moves(one.After))
            .Any(one => one.Move == Moves[^1] && one.After == after);
    }
}
