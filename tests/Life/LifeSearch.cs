namespace Photos.Tests.Life;

/// <summary>Visits every state that a model can reach from a start.</summary>
internal sealed class LifeSearch
{
    private LifeSearch(int states, IReadOnlyDictionary<BrokenPromise, string> broken) => (States, Broken) = (states, broken);

    /// <summary>The number of states.</summary>
    public int States { get; }

    /// <summary>The promises that some states break, and how one of these is reached.</summary>
    public IReadOnlyDictionary<BrokenPromise, string> Broken { get; }

    public static LifeSearch Run(LifeModel model, PhotoLife start)
    {
        var broken = new Dictionary<BrokenPromise, string>();
        var first = new Visit(LifeModel.Begin(start), default, Previous: null);
        HashSet<LifeState> seen = [first.State];
        var open = new Stack<Visit>([first]);
        while (open.TryPop(out Visit? visit))
        {
            if (model.Check(visit.State) is BrokenPromise promise && !broken.ContainsKey(promise))
            {
                broken.Add(promise, $"{start}: {string.Join(", ", visit.Trace(model.Calls))}");
            }

            foreach ((Move move, LifeState after) in model.Moves(visit.State))
            {
                if (seen.Add(after))
                {
                    open.Push(new Visit(after, move, visit));
                }
            }
        }

        return new LifeSearch(seen.Count, broken);
    }

    private sealed record Visit(LifeState State, Move Move, Visit? Previous)
    {
        public IEnumerable<string> Trace(IReadOnlyList<PhotoCall> calls) =>
            Previous is null ? [] : Previous.Trace(calls).Append(Move.Describe(calls, Previous.State));
    }
}
