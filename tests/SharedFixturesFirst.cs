using Photos.Tests;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(SharedFixturesFirst))]

namespace Photos.Tests;

/// <summary>Starts the collections whose classes share a fixture first: each of them takes minutes, and one that starts last would run alone.</summary>
public sealed class SharedFixturesFirst : ITestCollectionOrderer
{
    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => collection.TestCollectionClassName is null)];
}
