using Photos.Aws;
using Photos.Runtime;

namespace Photos.Album;

/// <summary>The table and the bucket that hold the albums.</summary>
/// <param name="Table">The name of the table with the metadata.</param>
/// <param name="Bucket">The name of the bucket with the objects.</param>
/// <param name="Aws">How to reach both.</param>
public sealed record AlbumSettings(string Table, string Bucket, AwsSettings Aws)
{
    /// <summary>Reads the settings while the function initializes.</summary>
    /// <exception cref="FunctionEnvironmentException">A variable is missing or invalid.</exception>
    public static AlbumSettings Read(FunctionEnvironment environment) =>
        new(environment.Required("PHOTO_TABLE"), environment.Required("PHOTO_BUCKET"), AwsEnvironment.Read(environment));
}
