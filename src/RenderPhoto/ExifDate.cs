using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Photos.RenderPhoto;

/// <summary>Reads from EXIF data when a picture was taken.</summary>
/// <remarks>CIPA DC-008, Exif 2.32: DateTimeOriginal, and OffsetTimeOriginal since 2.31.</remarks>
internal static class ExifDate
{
    private const ushort ExifDirectory = 0x8769;
    private const ushort DateTimeOriginal = 0x9003;
    private const ushort OffsetTimeOriginal = 0x9011;
    private const ushort Ascii = 2;
    private const int EntryBytes = 12;

    // The data of a HEIC file begins with an offset, that of a JPEG file with "Exif" and two zero bytes.
    private const int MaxPrefixBytes = 16;

    /// <returns>The date as ISO 8601, with the offset if there is one; <see langword="null"/> if there is no valid date.</returns>
    public static string? Read(ReadOnlySpan<byte> exif)
    {
        for (int start = 0; start <= MaxPrefixBytes && start + 8 <= exif.Length; start++)
        {
            ReadOnlySpan<byte> tiff = exif[start..];
            if (tiff.StartsWith("II*\0"u8) || tiff.StartsWith("MM\0*"u8))
            {
                return ReadTiff(tiff);
            }
        }

        return null;
    }

    private static string? ReadTiff(ReadOnlySpan<byte> tiff)
    {
        bool isBigEndian = tiff[0] == 'M';
        if (Find(tiff, isBigEndian, UInt32(tiff[4..], isBigEndian), ExifDirectory) is not int pointer)
        {
            return null;
        }

        uint directory = UInt32(tiff[(pointer + 8)..], isBigEndian);
        return Text(tiff, isBigEndian, directory, DateTimeOriginal) is string date
            && DateTime.TryParseExact(date, "yyyy:MM:dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime taken)
            ? taken.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) + Offset(Text(tiff, isBigEndian, directory, OffsetTimeOriginal))
            : null;
    }

    /// <returns>The offset, from -14:00 to +14:00, or an empty string.</returns>
    private static string Offset(string? text) =>
        text is ['+' or '-', .. string time]
        && TimeSpan.TryParseExact(time, @"hh\:mm", CultureInfo.InvariantCulture, out TimeSpan offset)
        && offset <= TimeSpan.FromHours(14)
            ? text
            : "";

    private static string? Text(ReadOnlySpan<byte> tiff, bool isBigEndian, uint directory, ushort tag)
    {
        if (Find(tiff, isBigEndian, directory, tag) is not int entry || UInt16(tiff[(entry + 2)..], isBigEndian) != Ascii)
        {
            return null;
        }

        uint count = UInt32(tiff[(entry + 4)..], isBigEndian);
        long at = count <= 4 ? entry + 8 : UInt32(tiff[(entry + 8)..], isBigEndian);
        return count <= 64 && at + count <= tiff.Length
            ? Encoding.ASCII.GetString(tiff.Slice((int)at, (int)count)).TrimEnd('\0', ' ')
            : null;
    }

    /// <returns>Where the entry with the tag begins, all of which is within the data; <see langword="null"/> without one.</returns>
    private static int? Find(ReadOnlySpan<byte> tiff, bool isBigEndian, uint directory, ushort tag)
    {
        if ((long)directory + 2 > tiff.Length)
        {
            return null;
        }

        int entry = (int)directory + 2;
        for (int left = UInt16(tiff[(int)directory..], isBigEndian); left > 0 && entry + EntryBytes <= tiff.Length; left--, entry += EntryBytes)
        {
            if (UInt16(tiff[entry..], isBigEndian) == tag)
            {
                return entry;
            }
        }

        return null;
    }

    private static ushort UInt16(ReadOnlySpan<byte> data, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(data) : BinaryPrimitives.ReadUInt16LittleEndian(data);

    private static uint UInt32(ReadOnlySpan<byte> data, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(data) : BinaryPrimitives.ReadUInt32LittleEndian(data);
}
