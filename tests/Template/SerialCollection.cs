namespace Photos.Tests.Template;

/// <summary>The tests that must not run at the same time as others: they use every core, and others have time limits.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class SerialCollection;
