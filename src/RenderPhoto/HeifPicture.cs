using System.Runtime.InteropServices;

namespace Photos.RenderPhoto;

/// <summary>libheif cannot read or decode the picture.</summary>
internal sealed class HeifException(string message) : Exception(message);

/// <summary>The primary picture of an HEIC file, read by libheif.</summary>
internal sealed class HeifPicture : IDisposable
{
    // What real files have is below 1 MiB.
    private const int MaxMetadataBytes = 16 * 1024 * 1024;

    private readonly nint _context;
    private readonly nint _handle;

    private HeifPicture(nint context, nint handle)
    {
        _context = context;
        _handle = handle;
    }

    /// <summary>The width in pixels, after the file's own rotation (<c>irot</c>), which replaces the EXIF orientation.</summary>
    public int Width => LibHeif.GetWidth(_handle);

    /// <summary>The height in pixels, after the file's own rotation.</summary>
    public int Height => LibHeif.GetHeight(_handle);

    /// <summary>Reads the file's structure, but no pixels.</summary>
    /// <exception cref="HeifException">It is not a valid HEIC file.</exception>
    public static HeifPicture Open(string file)
    {
        nint context = LibHeif.AllocateContext();
        LibHeif.SetMaxThreads(context, 1);
        LibHeif.ReadFile(context, file, 0).ThrowIfFailed();
        LibHeif.GetPrimaryImage(context, out nint handle).ThrowIfFailed();
        return new HeifPicture(context, handle);
    }

    /// <summary>The EXIF data; <see langword="null"/> without.</summary>
    public byte[]? ReadExif()
    {
        if (LibHeif.GetMetadataIds(_handle, "Exif", out uint id, 1) == 0)
        {
            return null;
        }

        byte[]? exif = Allocate(LibHeif.GetMetadataSize(_handle, id));
        if (exif is not null)
        {
            LibHeif.GetMetadata(_handle, id, exif).ThrowIfFailed();
        }

        return exif;
    }

    /// <summary>The ICC profile, or one for the colors that code points describe; <see langword="null"/> for sRGB.</summary>
    public byte[]? ReadProfile()
    {
        byte[]? profile = Allocate(LibHeif.GetProfileSize(_handle));
        if (profile is not null)
        {
            LibHeif.GetProfile(_handle, profile).ThrowIfFailed();
        }

        return profile ?? ReadColors();
    }

    /// <summary>Decodes the pixels, with the file's own rotation applied.</summary>
    /// <exception cref="HeifException">They cannot be decoded.</exception>
    public HeifPixels Decode()
    {
        bool hasAlpha = LibHeif.HasAlpha(_handle) != 0;
        LibHeif.Decode(
            _handle,
            out nint image,
            LibHeif.ColorspaceRgb,
            hasAlpha ? LibHeif.ChromaInterleavedRgba : LibHeif.ChromaInterleavedRgb,
            0).ThrowIfFailed();
        return new HeifPixels(image, hasAlpha ? 4 : 3);
    }

    public void Dispose()
    {
        LibHeif.ReleaseHandle(_handle);
        LibHeif.FreeContext(_context);
    }

    private byte[]? ReadColors()
    {
        LibHeif.GetColors(_handle, out nint colors);
        if (colors == 0)
        {
            return null;
        }

        // struct heif_color_profile_nclx: a version, then three enumerations.
        byte[]? profile = ColorProfile.Of(primaries: Marshal.ReadInt32(colors, 4), transfer: Marshal.ReadInt32(colors, 8));
        LibHeif.FreeColors(colors);
        return profile;
    }

    private static byte[]? Allocate(nuint bytes) => bytes is > 0 and <= MaxMetadataBytes ? new byte[bytes] : null;
}

/// <summary>Decoded pixels: <see cref="Bands"/> bytes each, 3 for RGB or 4 for RGBA, in rows of <see cref="Stride"/> bytes.</summary>
internal sealed class HeifPixels : IDisposable
{
    private readonly nint _image;

    public HeifPixels(nint image, int bands)
    {
        _image = image;
        Bands = bands;
        Width = LibHeif.GetPlaneWidth(image, LibHeif.ChannelInterleaved);
        Height = LibHeif.GetPlaneHeight(image, LibHeif.ChannelInterleaved);
        Address = LibHeif.GetPlane(image, LibHeif.ChannelInterleaved, out int stride);
        Stride = stride;
    }

    public int Bands { get; }

    public int Width { get; }

    public int Height { get; }

    public nint Address { get; }

    public int Stride { get; }

    public void Dispose() => LibHeif.ReleaseImage(_image);
}
