using System.Buffers.Binary;
using NetVips;

namespace Photos.RenderPhoto;

/// <summary>ICC profiles for the colors that a HEIC file describes by code points (<c>nclx</c>) instead of a profile.</summary>
/// <remarks>The code points are those of ITU-T H.273, tables 2 and 3. ICC.1:2022, 7.3 and 10.31, is the format of a profile.</remarks>
internal static class ColorProfile
{
    private const int Bt2020 = 9;
    private const int DisplayP3 = 12;
    private const int PerceptualQuantizer = 16;

    private const int TagTable = 128;

    // XYZ relative to D50, in fixed point with 16 fractional bits.
    private static readonly (byte[] Tag, int X, int Y, int Z)[] s_bt2020 =
    [
        ([.. "rXYZ"u8], 0xAC69, 0x476F, -0x7F),
        ([.. "gXYZ"u8], 0x2A69, 0xACE3, 0x7AD),
        ([.. "bXYZ"u8], 0x2003, 0xBAD, 0xCBFE),
    ];

    /// <summary>
    /// Creates the profile. As browsers do, it takes each transfer function for that of sRGB. The one of HDR10 (PQ) is not supported,
    /// because it would need tone mapping.
    /// </summary>
    /// <param name="primaries">The code point of the primaries.</param>
    /// <param name="transfer">The code point of the transfer function.</param>
    /// <returns><see langword="null"/> for sRGB, and for colors that are shown as sRGB because they are not supported.</returns>
    public static byte[]? Of(int primaries, int transfer) => primaries switch
    {
        _ when transfer == PerceptualQuantizer => null,
        DisplayP3 => Image.ProfileLoad("p3"),
        Bt2020 => CreateBt2020(),
        _ => null,
    };

    /// <summary>The profile of Display P3 with other primaries.</summary>
    private static byte[] CreateBt2020()
    {
        byte[] profile = Image.ProfileLoad("p3");
        foreach ((byte[] tag, int x, int y, int z) in s_bt2020)
        {
            int entry = TagTable + profile.AsSpan(TagTable).IndexOf(tag);
            Span<byte> value = profile.AsSpan(BinaryPrimitives.ReadInt32BigEndian(profile.AsSpan(entry + 4)) + 8);
            BinaryPrimitives.WriteInt32BigEndian(value, x);
            BinaryPrimitives.WriteInt32BigEndian(value[4..], y);
            BinaryPrimitives.WriteInt32BigEndian(value[8..], z);
        }

        return profile;
    }
}
