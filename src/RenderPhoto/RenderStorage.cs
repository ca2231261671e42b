using System.Net;
using Amazon;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Album;
using Photos.Aws;
using Photos.Runtime;

namespace Photos.RenderPhoto;

/// <summary>Whether a photo is to be rendered.</summary>
internal enum RenderState
{
    /// <summary>It is not in an album, so it must not have renditions.</summary>
    NotListed,

    /// <summary>It is listed, and was not looked at yet.</summary>
    Processing,

    /// <summary>It was looked at by a release that did not write <see cref="PhotoItem.TakenUtc"/>.</summary>
    Undated,

    /// <summary>It was looked at, or its item is one that this version does not know.</summary>
    Done,
}

/// <summary>
/// The item, the object and the renditions of a photo. No client waits for this function, so it uses the AWS SDK as it comes, which
/// streams objects from and to files.
/// </summary>
internal sealed class RenderStorage : IDisposable
{
    private const string WebP = "image/webp";

    // The bytes of a photo's id never change.
    private const string CacheControl = "private, max-age=31536000, immutable";

    private const string IsListed = $"attribute_exists({PhotoItem.Id}) AND attribute_not_exists(#state)";

    // All attempts of a request must end within the function's timeout. By default, the SDK sends one to DynamoDB up to eleven times.
    private const int MaxRetries = 2;
    private static readonly TimeSpan s_requestTimeout = TimeSpan.FromSeconds(20);

    private readonly AlbumSettings _settings;
    private readonly FunctionLog _log;
    private readonly AmazonDynamoDBClient _table;
    private readonly AmazonS3Client _bucket;
    private readonly PhotoBucket _renditions;

    /// <summary>The storage of <paramref name="settings"/>.</summary>
    public RenderStorage(AlbumSettings settings, FunctionLog log)
    {
        _settings = settings;
        _log = log;
        AwsSettings aws = settings.Aws;
        AWSCredentials credentials = aws.SessionToken is null
            ? new BasicAWSCredentials(aws.AccessKeyId, aws.SecretAccessKey)
            : new SessionAWSCredentials(aws.AccessKeyId, aws.SecretAccessKey, aws.SessionToken);
        _table = new AmazonDynamoDBClient(credentials, Configure(new AmazonDynamoDBConfig(), aws, aws.DynamoDbEndpoint));
        var bucket = new AmazonS3Config { ForcePathStyle = aws.S3Endpoint is not null };
        _bucket = new AmazonS3Client(credentials, Configure(bucket, aws, aws.S3Endpoint));
        _renditions = new PhotoBucket(settings);
    }

    /// <summary>Reads the item.</summary>
    /// <returns>What is to be done, and <see cref="PhotoItem.Taken"/>.</returns>
    /// <exception cref="AmazonServiceException">DynamoDB refused the request.</exception>
    public (RenderState State, string? Taken) Look(UserId user, PhotoId id, CancellationToken cancellationToken)
    {
        var request = new GetItemRequest { TableName = _settings.Table, Key = PhotoItem.Key(user, id), ConsistentRead = true };
        GetItemResponse response = Wait(_table.GetItemAsync(request, cancellationToken));
        return (StateOf(response.Item), response.Item?.GetValueOrDefault(PhotoItem.Taken)?.S);
    }

    /// <summary>Downloads the original.</summary>
    /// <returns>Whether there is one that the disk can hold.</returns>
    /// <exception cref="AmazonServiceException">S3 refused the request.</exception>
    public bool Download(UserId user, PhotoId id, string file, CancellationToken cancellationToken)
    {
        try
        {
            using GetObjectResponse response = Wait(_bucket.GetObjectAsync(_settings.Bucket, PhotoBucket.Key(user, id), cancellationToken));
            long free = new DriveInfo(Path.GetDirectoryName(file)!).AvailableFreeSpace;
            if (response.ContentLength > free)
            {
                _log.Write(LogLevel.Warn, $"The picture of photo {id} is unsupported: it has {response.ContentLength} bytes, and the disk has {free} free. Raise EphemeralStorage of RenderPhoto.");
                return false;
            }

            Wait(response.WriteResponseStreamToFileAsync(file, append: false, cancellationToken));
            return true;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode == "NoSuchKey")
        {
            _log.Write(LogLevel.Warn, $"The picture of photo {id} is unsupported: the photo is listed, but its object does not exist. docs/deploy.md describes how to recover it.");
            return false;
        }
    }

    /// <summary>Stores the thumbnail and the preview.</summary>
    /// <exception cref="AmazonServiceException">S3 refused the request.</exception>
    public void Store(UserId user, PhotoId id, RenderedPicture picture, CancellationToken cancellationToken)
    {
        string prefix = PhotoBucket.RenditionPrefix(user, id);
        foreach ((string name, string file) in ((string, string)[])[("thumbnail", picture.Thumbnail), ("preview", picture.Preview)])
        {
            var request = new PutObjectRequest
            {
                BucketName = _settings.Bucket,
                Key = prefix + name,
                FilePath = file,
                ContentType = WebP,
                Headers = { CacheControl = CacheControl },
                UseChunkEncoding = false,
            };
            Wait(_bucket.PutObjectAsync(request, cancellationToken));
        }
    }

    /// <summary>Records what was found, if the photo is still listed.</summary>
    /// <param name="user">The album's owner.</param>
    /// <param name="id">The photo's id.</param>
    /// <param name="picture"><see langword="null"/> if the picture is unsupported. That never replaces what another invocation has found.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Whether the photo is listed.</returns>
    /// <exception cref="AmazonServiceException">DynamoDB refused the request.</exception>
    public bool Finish(UserId user, PhotoId id, RenderedPicture? picture, CancellationToken cancellationToken)
    {
        DateTimeOffset? taken = TakenTime.InUtc(picture?.Taken);
        string takenUtc = taken is null ? $"if_not_exists({PhotoItem.TakenUtc}, :takenUtc)" : ":takenUtc";
        string update = $"SET {PhotoItem.Rendered} = :rendered, {PhotoItem.TakenUtc} = {takenUtc}";
        string condition = picture is null ? $"{IsListed} AND attribute_not_exists({PhotoItem.Rendered})" : IsListed;
        Dictionary<string, AttributeValue> values = new()
        {
            [":rendered"] = new AttributeValue(picture is null ? PhotoItem.Unsupported : PhotoItem.Ready),
            [":takenUtc"] = new AttributeValue(PhotoRules.FormatDate(taken ?? id.Time)),
        };
        if (picture is not null)
        {
            update += $", {PhotoItem.Width} = :width, {PhotoItem.Height} = :height";
            values[":width"] = PhotoItem.Number(picture.Width);
            values[":height"] = PhotoItem.Number(picture.Height);
        }

        if (picture?.Taken is string text)
        {
            update += $", {PhotoItem.Taken} = :taken";
            values[":taken"] = new AttributeValue(text);
        }

        return Update(user, id, update, condition, values, cancellationToken);
    }

    /// <summary>Adds <see cref="PhotoItem.TakenUtc"/> to the item of a photo that was looked at, if the photo is still listed.</summary>
    /// <param name="user">The album's owner.</param>
    /// <param name="id">The photo's id.</param>
    /// <param name="taken"><see cref="PhotoItem.Taken"/></param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="AmazonServiceException">DynamoDB refused the request.</exception>
    public void Date(UserId user, PhotoId id, string? taken, CancellationToken cancellationToken) => Update(
        user, id, $"SET {PhotoItem.TakenUtc} = :takenUtc",
        $"{IsListed} AND attribute_not_exists({PhotoItem.TakenUtc})",
        new() { [":takenUtc"] = new AttributeValue(PhotoRules.FormatDate(TakenTime.InUtc(taken) ?? id.Time)) },
        cancellationToken);

    /// <summary>Removes every version of the renditions, if there are any.</summary>
    /// <exception cref="PhotoException"><see cref="PhotoFault.StorageUnavailable"/></exception>
    public void RemoveRenditions(UserId user, PhotoId id, CancellationToken cancellationToken) => _renditions.DeleteRenditions(user, id, cancellationToken);

    public void Dispose()
    {
        _table.Dispose();
        _bucket.Dispose();
    }

    /// <returns>Whether the photo is listed.</returns>
    private bool Update(UserId user, PhotoId id, string update, string condition, Dictionary<string, AttributeValue> values, CancellationToken cancellationToken)
    {
        var request = new UpdateItemRequest
        {
            TableName = _settings.Table,
            Key = PhotoItem.Key(user, id),
            UpdateExpression = update,
            ConditionExpression = condition,
            ExpressionAttributeNames = new() { ["#state"] = PhotoItem.State },
            ExpressionAttributeValues = values,
            ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure.ALL_OLD,
        };
        try
        {
            Wait(_table.UpdateItemAsync(request, cancellationToken));
            return true;
        }
        catch (ConditionalCheckFailedException e)
        {
            return StateOf(e.Item) != RenderState.NotListed;
        }
    }

    private static RenderState StateOf(Dictionary<string, AttributeValue>? item) => item switch
    {
        null or { Count: 0 } => RenderState.NotListed,
        _ when item.TryGetValue(PhotoItem.State, out AttributeValue? state) =>
            state.S is PhotoItem.Granted or PhotoItem.Deleted ? RenderState.NotListed : RenderState.Done,
        _ when !item.ContainsKey(PhotoItem.Rendered) => RenderState.Processing,
        _ => item.ContainsKey(PhotoItem.TakenUtc) ? RenderState.Done : RenderState.Undated,
    };

    private static TConfig Configure<TConfig>(TConfig config, AwsSettings settings, ServiceEndpoint? endpoint)
        where TConfig : ClientConfig
    {
        config.Timeout = s_requestTimeout;
        config.MaxErrorRetry = MaxRetries;
        config.UseFIPSEndpoint = settings.UsesFips;
        config.UseDualstackEndpoint = settings.UsesDualStack;
        if (endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(settings.Region);
        }
        else
        {
            config.ServiceURL = endpoint.Origin;
            config.AuthenticationRegion = settings.Region;
        }

        return config;
    }

    private void Wait(Task task)
    {
        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (AmazonServiceException e) when (TransientErrors.AreExpiredCredentials((int)e.StatusCode, e.ErrorCode))
        {
            _settings.Aws.Signing.Expire();
            throw;
        }
    }

    private T Wait<T>(Task<T> task)
    {
        Wait((Task)task);
        return task.Result;
    }
}
