using System.Globalization;
using System.Runtime.InteropServices;

namespace Photos.RenderPhoto;

/// <summary>What the kernel lets the child process use.</summary>
internal static partial class ProcessLimits
{
    /// <summary>The child's writable memory, in bytes. RenderPhoto's memory size must hold it and the parent.</summary>
    public const long MaxMemoryBytes = 1024L * 1024 * 1024;

    /// <summary>The child's CPU time, in seconds.</summary>
    public const long MaxCpuSeconds = 30;

    /// <summary>The size of each file that the child writes, in bytes. A preview has at most 16 MiB before compression.</summary>
    public const long MaxFileBytes = 32L * 1024 * 1024;

    // The decoded pixels are in the libraries' memory, not on the managed heap.
    private const long ManagedHeapBytes = 64L * 1024 * 1024;

    // Libraries, stacks and what the runtime reserves but does not use.
    private const long ReservedBytes = 1024L * 1024 * 1024;

    private const int KillSignal = 9;
    private const int SetParentDeathSignal = 1;
    private const int SetDumpable = 4;
    private const int SetNoNewPrivileges = 38;

    /// <summary>The child's whole environment.</summary>
    /// <param name="folder">The folder for temporary files.</param>
    public static IEnumerable<(string Name, string Value)> Variables(string folder) =>
    [
        ("DOTNET_GCHeapHardLimit", ManagedHeapBytes.ToString("x", CultureInfo.InvariantCulture)),
        ("TMPDIR", folder),
        ("VIPS_CONCURRENCY", "1"),
    ];

    /// <summary>Limits this process for good.</summary>
    /// <exception cref="InvalidOperationException">The kernel refused a limit.</exception>
    public static void Apply()
    {
        bool isLinux = OperatingSystem.IsLinux();
        Limit(resource: 0, MaxCpuSeconds);
        Limit(resource: 1, MaxFileBytes);
        Limit(resource: 2, MaxMemoryBytes);
        Limit(resource: 4, 0);
        if (isLinux)
        {
            Limit(resource: 9, MaxMemoryBytes + ReservedBytes);
            TryControl(SetNoNewPrivileges, 1);
            TryControl(SetParentDeathSignal, KillSignal);
        }
    }

    /// <summary>
    /// Keeps processes of the same user from reading this one's memory and environment in <c>/proc</c>, which have the credentials.
    /// </summary>
    /// <returns>Whether the kernel does that.</returns>
    public static bool HideMemory() => OperatingSystem.IsLinux() && TryControl(SetDumpable, 0);

    private static void Limit(int resource, long value)
    {
        var limit = new ResourceLimit((nuint)value, (nuint)value);
        if (SetResourceLimit(resource, in limit) != 0)
        {
            throw new InvalidOperationException($"The kernel did not set resource limit {resource} to {value}: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
    }

    // Lambda is reported to refuse prctl, so pictures are rendered without what it would add. docs/rendering.md says more.
    private static bool TryControl(int option, nuint value) => ControlProcess(option, value, 0, 0, 0) == 0;

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetResourceLimit(int resource, in ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ControlProcess(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct ResourceLimit(nuint Soft, nuint Hard);
}
