using System.Text.Json;
using NetVips;

namespace Photos.RenderPhoto;

/// <summary>The child process: renders one picture, and writes one line of JSON.</summary>
internal static class DecodeCommand
{
    /// <param name="original">The file of the picture.</param>
    /// <param name="folder">The folder that gets the renditions.</param>
    /// <returns>The process's exit code: 0 also if the picture is unsupported.</returns>
    public static int Run(string original, string folder)
    {
        ProcessLimits.Apply();
        DecodeResult result;
        try
        {
            result = Decode(original, folder);
        }
        catch (Exception e) when (e is VipsException or HeifException)
        {
            result = new DecodeResult(Refusal: e.Message);
        }

        using Stream output = Console.OpenStandardOutput();
        output.Write(JsonSerializer.SerializeToUtf8Bytes(result, DecodeJsonContext.Default.DecodeResult));
        output.WriteByte((byte)'\n');
        return 0;
    }

    private static DecodeResult Decode(string original, string folder)
    {
        if (Sniff(original) is not PictureFormat format)
        {
            return new DecodeResult(Refusal: "it is not JPEG, PNG, GIF, WebP, AVIF or HEIC.");
        }

        return Renditions.Write(original, format, folder);
    }

    private static PictureFormat? Sniff(string original)
    {
        Span<byte> start = stackalloc byte[PictureFormats.SniffedBytes];
        using FileStream file = File.OpenRead(original);
        return PictureFormats.Recognize(start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
    }
}
