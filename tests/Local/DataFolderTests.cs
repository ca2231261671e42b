using Photos.Local;
using Photos.Local.Identity;

namespace Photos.Tests.Local;

/// <summary>The messages when the folder of the data cannot be used: one line, the reason, and what to do.</summary>
public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ItIsCreatedAndLockedUntilTheLockIsReleased()
    {
        string data = Path.Combine(_folder.Path, "a", "b");
        using (DataFolder.Lock(data))
        {
            string message = Assert.Throws<LocalHostException>(() => DataFolder.Lock(data)).Message;
            Assert.Equal($"Another local host uses the folder {data}. End it, or choose another folder with --data (make: DATA=).", message);
        }

        DataFolder.Lock(data).Dispose();
    }

    [Fact]
    public void AFolderThatCannotBeWrittenIsReportedWithItsReason()
    {
        string file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "");
        string below = Path.Combine(file, "data");
        string unwritable = Path.Combine(_folder.Path, "unwritable");
        Directory.CreateDirectory(Path.Combine(unwritable, ".lock"));

        foreach ((string path, Action use) in ((string, Action)[])
            [(file, () => DataFolder.Lock(file)), (below, () => DataFolder.Lock(below)), (unwritable, () => DataFolder.Lock(unwritable)), (Path.Combine(below, "issuer.pem"), () => DevelopmentIssuer.Open(below))])
        {
            string message = Assert.Throws<LocalHostException>(use).Message;
            Assert.StartsWith($"{path} cannot be written: ", message, StringComparison.Ordinal);
            Assert.EndsWith(" Make it writable, or choose another folder with --data (make: DATA=).", message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', message);
            Assert.DoesNotContain("Another local host", message, StringComparison.Ordinal);
        }
    }
}
