using System.Buffers.Binary;
using System.Text;

namespace Photos.Harness;

/// <summary>
/// Makes HEIC files in the layout that phones write: a grid of HEVC tiles, a rotation, and EXIF data. The tiles in
/// <c>harness/Tiles</c> are used as often as needed, so that no encoder is needed.
/// </summary>
/// <remarks>ISO/IEC 14496-12 and ISO/IEC 23008-12, with 6.6.2.3 for the grid.</remarks>
internal static class HeicFile
{
    private const int ReferenceToFile = 0;

    /// <param name="tiles">The names of the tiles, row by row.</param>
    /// <param name="columns">The number of tiles in a row.</param>
    /// <param name="tileSide">The side of a tile in pixels.</param>
    /// <param name="width">The width before the rotation, in pixels.</param>
    /// <param name="height">The height before the rotation, in pixels.</param>
    /// <param name="quarterTurns">How often a reader must turn the picture by 90 degrees counterclockwise (<c>irot</c>).</param>
    /// <param name="exif">EXIF data that begins with its TIFF header; none if <see langword="null"/>.</param>
    /// <param name="primaries">The primaries by their code point in ITU-T H.273; not described if <see langword="null"/>.</param>
    public static byte[] Create(
        IReadOnlyList<string> tiles, int columns, int tileSide, int width, int height, int quarterTurns = 0, byte[]? exif = null, int? primaries = null)
    {
        (byte[] configuration, byte[][] data) = Read(tiles);
        byte[] grid = [0, 0, (byte)((tiles.Count / columns) - 1), (byte)(columns - 1), .. UInt16(width), .. UInt16(height)];
        byte[][] items = exif is null ? [grid, .. data] : [grid, .. data, [.. UInt32(0), .. exif]];
        byte[] fileType = Box("ftyp", Ascii("heic"), UInt32(0), Ascii("mif1"), Ascii("heic"));

        // The size of the item locations does not depend on their values.
        byte[] Meta(int start) => FullBox(
            "meta",
            FullBox("hdlr", UInt32(0), Ascii("pict"), new byte[13]),
            FullBox("pitm", UInt16(1)),
            Locations(items, start),
            Information(tiles.Count, exif is not null),
            References(tiles.Count, exif is not null),
            Properties(configuration, tiles.Count, tileSide, width, height, quarterTurns, primaries));
        byte[] meta = Meta(fileType.Length + Meta(0).Length + 8);
        return [.. fileType, .. meta, .. Box("mdat", items)];
    }

    private static (byte[] Configuration, byte[][] Data) Read(IReadOnlyList<string> tiles)
    {
        byte[][] files = [.. tiles.Select(tile => File.ReadAllBytes(Path.Combine(Repository.Root, "harness", "Tiles", $"{tile}.heic")))];
        byte[][] configurations = [.. files.Select(file => Find(file, "hvcC"))];
        return configurations.All(one => one.AsSpan().SequenceEqual(configurations[0]))
            ? (Box("hvcC", configurations[0]), [.. files.Select(file => Find(file, "mdat"))])
            : throw new ArgumentException("Tiles of one picture must have the same size.", nameof(tiles));
    }

    private static byte[] Find(byte[] file, string type)
    {
        int at = file.AsSpan().IndexOf(Ascii(type)) - 4;
        int size = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
        return file[(at + 8)..(at + size)];
    }

    private static byte[] Locations(byte[][] items, int start)
    {
        List<byte[]> parts = [[0x44, 0], UInt16(items.Length)];
        for (int i = 0; i < items.Length; i++)
        {
            parts.AddRange([UInt16(i + 1), UInt16(ReferenceToFile), UInt16(1), UInt32(start), UInt32(items[i].Length)]);
            start += items[i].Length;
        }

        return FullBox("iloc", [.. parts]);
    }

    private static byte[] Information(int tiles, bool hasExif)
    {
        // Version 2. Tiles are hidden, because only the grid is a picture.
        static byte[] Entry(int id, string type, bool isHidden) =>
            Box("infe", [2, 0, 0, (byte)(isHidden ? 1 : 0)], UInt16(id), UInt16(0), Ascii(type), [0]);
        List<byte[]> entries = [Entry(1, "grid", isHidden: false), .. Enumerable.Range(2, tiles).Select(id => Entry(id, "hvc1", isHidden: true))];
        if (hasExif)
        {
            entries.Add(Entry(tiles + 2, "Exif", isHidden: true));
        }

        return FullBox("iinf", [UInt16(entries.Count), .. entries]);
    }

    private static byte[] References(int tiles, bool hasExif)
    {
        byte[] ofGrid = Box("dimg", [UInt16(1), UInt16(tiles), .. Enumerable.Range(2, tiles).Select(UInt16)]);
        return hasExif
            ? FullBox("iref", ofGrid, Box("cdsc", UInt16(tiles + 2), UInt16(1), UInt16(1)))
            : FullBox("iref", ofGrid);
    }

    private static byte[] Properties(byte[] configuration, int tiles, int tileSide, int width, int height, int quarterTurns, int? primaries)
    {
        // In an association, the highest bit says that a reader must understand the property.
        const byte Essential = 0x80;

        // The transfer function of sRGB, and the matrix and the range of the tiles.
        byte[] colors = primaries is int code ? Box("colr", Ascii("nclx"), UInt16(code), UInt16(13), UInt16(6), [0x80]) : [];
        byte[] container = Box(
            "ipco",
            configuration,
            FullBox("ispe", UInt32(tileSide), UInt32(tileSide)),
            FullBox("ispe", UInt32(width), UInt32(height)),
            Box("irot", [(byte)quarterTurns]),
            colors);
        byte[] associations = FullBox(
            "ipma",
            [UInt32(tiles + 1), UInt16(1), primaries is null ? [2, 3, Essential | 4] : [3, 3, Essential | 4, 5], .. Enumerable.Range(2, tiles).SelectMany(id => (byte[][])[UInt16(id), [2, Essential | 1, 2]])]);
        return Box("iprp", container, associations);
    }

    private static byte[] FullBox(string type, params byte[][] content) => Box(type, [UInt32(0), .. content]);

    private static byte[] Box(string type, params byte[][] content)
    {
        byte[] all = [.. content.SelectMany(part => part)];
        return [.. UInt32(all.Length + 8), .. Ascii(type), .. all];
    }

    private static byte[] Ascii(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] UInt16(int value) => [(byte)(value >> 8), (byte)value];

    private static byte[] UInt32(int value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
