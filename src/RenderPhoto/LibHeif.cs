using System.Reflection;
using System.Runtime.InteropServices;

namespace Photos.RenderPhoto;

/// <summary>
/// The C API of libheif, whose ABI is stable within version 1. The package's library exports it with an HEVC decoder; docs/rendering.md
/// says why it is used.
/// </summary>
internal static partial class LibHeif
{
    public const int ColorspaceRgb = 1;
    public const int ChromaInterleavedRgb = 10;
    public const int ChromaInterleavedRgba = 11;
    public const int ChannelInterleaved = 10;

    private const string Library = "libheif";

    static LibHeif() => NativeLibrary.SetDllImportResolver(typeof(LibHeif).Assembly, Resolve);

    [LibraryImport(Library, EntryPoint = "heif_context_alloc")]
    public static partial nint AllocateContext();

    [LibraryImport(Library, EntryPoint = "heif_context_free")]
    public static partial void FreeContext(nint context);

    [LibraryImport(Library, EntryPoint = "heif_context_set_max_decoding_threads")]
    public static partial void SetMaxThreads(nint context, int count);

    [LibraryImport(Library, EntryPoint = "heif_context_read_from_file", StringMarshalling = StringMarshalling.Utf8)]
    public static partial HeifError ReadFile(nint context, string file, nint options);

    [LibraryImport(Library, EntryPoint = "heif_context_get_primary_image_handle")]
    public static partial HeifError GetPrimaryImage(nint context, out nint handle);

    [LibraryImport(Library, EntryPoint = "heif_image_handle_release")]
    public static partial void ReleaseHandle(nint handle);

    [LibraryImport(Library, EntryPoint = "heif_image_handle_get_width")]
    public static partial int GetWidth(nint handle);

    [LibraryImport(Library, EntryPoint = "heif_image_handle_get_height")]
    public static partial int GetHeight(nint handle);

    [LibraryImport(Library, EntryPoint = "heif_image_handle_has_alpha_channel")]
    public static partial int HasAlpha(nint handle);

    [LibraryImport(Library, EntryPoint = "heif_image_handle_get_list_of_metadata_block_IDs", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int GetMetadataIds(nint handle, string type, out uint id, int count);

    [LibraryImport(Library, EntryPoint = "heif_image_handle_get_metadata_size")]
    public static partial nuint GetMetadataSize(nint handle, uint id);

    [LibraryImport(Library, EntryPoint = "heif_image_handle_get_metadata")]
    public static partial HeifError GetMetadata(nint handle, uint id, Span<byte> data);

    [LibraryImport(Library, EntryPoint = "heif_image_handle_get_raw_color_profile_size")]
    public static partial nuint GetProfileSize(nint handle);

    [LibraryImport(Library, EntryPoint = "heif_image_handle_get_raw_color_profile")]
    public static partial HeifError GetProfile(nint handle, Span<byte> data);

    [LibraryImport(Library, EntryPoint = "heif_image_handle_get_nclx_color_profile")]
    public static partial HeifError GetColors(nint handle, out nint colors);

    [LibraryImport(Library, EntryPoint = "heif_nclx_color_profile_free")]
    public static partial void FreeColors(nint colors);

    [LibraryImport(Library, EntryPoint = "heif_decode_image")]
    public static partial HeifError Decode(nint handle, out nint image, int colorspace, int chroma, nint options);

    [LibraryImport(Library, EntryPoint = "heif_image_release")]
    public static partial void ReleaseImage(nint image);

    [LibraryImport(Library, EntryPoint = "heif_image_get_width")]
    public static partial int GetPlaneWidth(nint image, int channel);

    [LibraryImport(Library, EntryPoint = "heif_image_get_height")]
    public static partial int GetPlaneHeight(nint image, int channel);

    [LibraryImport(Library, EntryPoint = "heif_image_get_plane_readonly")]
    public static partial nint GetPlane(nint image, int channel, out int stride);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return 0;
        }

        string processor = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        string suffix = OperatingSystem.IsMacOS() ? "dylib" : "so";
        return NativeLibrary.Load(Path.Combine(AppContext.BaseDirectory, $"Magick.Native-Q8-{processor}.dll.{suffix}"));
    }

    /// <summary>The result of a call: <c>struct heif_error</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly record struct HeifError(int Code, int Subcode, nint Message)
    {
        /// <exception cref="HeifException">The call failed.</exception>
        public void ThrowIfFailed()
        {
            if (Code != 0)
            {
                throw new HeifException(Marshal.PtrToStringUTF8(Message) ?? $"libheif failed with code {Code}.");
            }
        }
    }
}
