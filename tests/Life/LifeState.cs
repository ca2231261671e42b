using System.Runtime.InteropServices;

namespace Photos.Tests.Life;

/// <summary>What is stored of a photo, and how far the calls about it are.</summary>
/// <param name="Life">What is stored.</param>
/// <param name="Places">How far each call is.</param>
/// <param name="Records">How many records of the stream SweepPhoto has still to handle.</param>
/// <param name="HasLostRecord">Whether a record was lost.</param>
/// <param name="IsCutOff">Whether one of the calls was cut off.</param>
/// <param name="Late">The request that is carried out late.</param>
/// <param name="IsAcknowledged">Whether a write has responded that the photo is in the album.</param>
internal readonly record struct LifeState(
    PhotoLife Life, Places Places, int Records, bool HasLostRecord, bool IsCutOff, LateRequest Late, bool IsAcknowledged);

/// <summary>How far each of up to four calls is.</summary>
/// <remarks>In 16 bits for each, because a search compares millions of them.</remarks>
internal readonly record struct Places(ulong Bits)
{
    private const int Width = 16;

    public Progress this[int call] => new((ushort)(Bits >> (Width * call)));

    public Places With(int call, Progress progress)
    {
        int shift = Width * call;
        return new Places((Bits & ~((ulong)ushort.MaxValue << shift)) | ((ulong)progress.Value << shift));
    }
}

/// <summary>A request that is carried out after the client or the function has given up on it, or a second time.</summary>
/// <param name="Call">The call that it belongs to.</param>
/// <param name="Step">Its number; 0 when it is done.</param>
/// <param name="Stage">Whether it is to come.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LateRequest(PhotoCall Call, int Step, LateStage Stage)
{
    public static LateRequest Due(PhotoCall call, int step) => new(call, step, LateStage.Due);

    public LateRequest Done() => new(Call, Step: 0, LateStage.Done);
}

internal enum LateStage
{
    None,
    Due,
    Done,
}
