namespace Photos.Tests.Routes;

/// <summary>Repeats a call until every combination of the outcomes of its storage requests has occurred.</summary>
internal static class OutcomeSearch
{
    // More than any handler has: a loop that never ends must fail.
    private const int MaxCalls = 1000;

    /// <summary>Depth first: a call shows how many outcomes its requests have, and each of them leads to another call.</summary>
    /// <param name="what">What is called, for messages.</param>
    /// <param name="call">Makes the call, whose requests end as it is told.</param>
    /// <returns>Each call, with the names of the outcomes of its requests.</returns>
    public static List<(T Call, string Outcomes)> Explore<T>(string what, Func<OutcomeChoice, T> call)
    {
        List<(T Call, string Outcomes)> calls = [];
        var pending = new Stack<int[]>([[]]);
        while (pending.TryPop(out int[]? chosen))
        {
            Assert.True(calls.Count < MaxCalls, $"{what} has more than {MaxCalls} combinations of outcomes.");
            List<int> counts = [];
            List<string> names = [];
            StorageOutcome? lasting = null;
            T called = call((_, outcomes) =>
            {
                if (lasting is not null)
                {
                    return lasting;
                }

                StorageOutcome outcome = outcomes[counts.Count < chosen.Length ? chosen[counts.Count] : 0];
                lasting = outcome.IsLasting ? outcome : null;
                counts.Add(outcomes.Count);
                names.Add(outcome.Name);
                return outcome;
            });
            calls.Add((called, string.Join(", ", names)));
            for (int at = counts.Count - 1; at >= chosen.Length; at--)
            {
                for (int other = counts[at] - 1; other > 0; other--)
                {
                    pending.Push([.. chosen, .. Enumerable.Repeat(0, at - chosen.Length), other]);
                }
            }
        }

        return calls;
    }
}
