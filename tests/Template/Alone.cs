namespace Photos.Tests.Template;

/// <summary>Tests that run when no other does: a compiler takes every core, and others have limits of time.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;
