using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Album;

namespace Photos.Migrate;

/// <summary>Copies the photos of a bucket with the keys <c>private/IDENTITY-ID/NAME</c> to the bucket and the table of this stack,
/// whose users are the subjects of tokens. It changes nothing in the old bucket.</summary>
/// <remarks>
/// The id of a photo follows from its old key and time, so a second run finds what the first one has copied. As a write does, it
/// stores the object before the item, so a photo that is listed has its object.
/// </remarks>
internal sealed class PhotoMigration(
    IAmazonS3 s3, IAmazonDynamoDB dynamoDb, string source, string bucket, string table, TextWriter output)
{
    private static readonly Dictionary<string, string> s_types = new(StringComparer.OrdinalIgnoreCase)
    {
        [".jpg"] = "image/jpeg",
        [".jpeg"] = "image/jpeg",
        [".png"] = "image/png",
        [".gif"] = "image/gif",
        [".webp"] = "image/webp",
        [".heic"] = "image/heic",
        [".heif"] = "image/heic",
        [".avif"] = "image/avif",
    };

    /// <summary>The number of photos that were copied.</summary>
    public int Copied { get; private set; }

    /// <summary>The number of photos that an earlier run has copied.</summary>
    public int Present { get; private set; }

    /// <summary>The number of objects that are not photos of an album, each of which the output names.</summary>
    public int Refused { get; private set; }

    /// <summary>Copies the photos of one user.</summary>
    public async Task CopyAsync(string identity, UserId user, CancellationToken cancellationToken)
    {
        IListObjectsV2Paginator objects = s3.Paginators.ListObjectsV2(new ListObjectsV2Request { BucketName = source, Prefix = $"private/{identity}/" });
        await foreach (S3Object old in objects.S3Objects.WithCancellation(cancellationToken))
        {
            // A folder that the console has created is an empty object.
            if (old.Size is > 0)
            {
                await CopyAsync(old, user, cancellationToken);
            }
        }
    }

    private async Task CopyAsync(S3Object old, UserId user, CancellationToken cancellationToken)
    {
        PhotoId id = IdOf(old.Key, old.LastModified!.Value);
        Dictionary<string, AttributeValue> key = new() { ["id"] = new(user.Value), ["photoId"] = new(id.Value) };
        GetItemResponse existing = await dynamoDb.GetItemAsync(new GetItemRequest { TableName = table, Key = key, ConsistentRead = true }, cancellationToken);
        if (existing.IsItemSet)
        {
            Present++;
            return;
        }

        GetObjectMetadataResponse metadata = await s3.GetObjectMetadataAsync(source, old.Key, cancellationToken);
        string name, contentType;
        try
        {
            name = PhotoRules.CheckName(old.Key[(old.Key.LastIndexOf('/') + 1)..]);
            contentType = PhotoRules.CheckContentType(
                PhotoRules.ContentTypes.Contains(metadata.Headers.ContentType, StringComparer.OrdinalIgnoreCase)
                    ? metadata.Headers.ContentType
                    : s_types.GetValueOrDefault(Path.GetExtension(name), metadata.Headers.ContentType ?? ""));
        }
        catch (PhotoException e)
        {
            Refused++;
            await output.WriteLineAsync($"{old.Key} was not copied: {e.Message}");
            return;
        }

        await s3.CopyObjectAsync(
            new CopyObjectRequest
            {
                SourceBucket = source,
                SourceKey = old.Key,
                DestinationBucket = bucket,
                DestinationKey = $"private/{user}/{id}",
                ContentType = contentType,
                MetadataDirective = S3MetadataDirective.REPLACE,
            },
            cancellationToken);
        Dictionary<string, AttributeValue> item = new(key)
        {
            ["name"] = new(name),
            ["date"] = new(PhotoRules.FormatDate(id.Time)),
            ["size"] = new() { N = metadata.ContentLength.ToString(CultureInfo.InvariantCulture) },
            ["contentType"] = new(contentType),
            ["takenUtc"] = new(PhotoRules.FormatDate(id.Time)),
        };
        await dynamoDb.PutItemAsync(
            new PutItemRequest { TableName = table, Item = item, ConditionExpression = "attribute_not_exists(id)" }, cancellationToken);
        Copied++;
    }

    /// <summary>A UUIDv7 of the time and of a hash of the key instead of random bits (RFC 9562, 5.7 and 6.9).</summary>
    private static PhotoId IdOf(string key, DateTime time)
    {
        byte[] bytes = SHA256.HashData(Encoding.UTF8.GetBytes(key))[..16];
        Span<byte> milliseconds = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(milliseconds, new DateTimeOffset(time.ToUniversalTime()).ToUnixTimeMilliseconds());
        milliseconds[2..].CopyTo(bytes);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0f));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3f));
        return PhotoId.Parse(new Guid(bytes, bigEndian: true).ToString());
    }
}
