namespace Photos.Tests;

/// <summary>A folder that is gone when the test is.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("photos-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
