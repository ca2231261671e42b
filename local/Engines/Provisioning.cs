using System.Net;
using Amazon.DynamoDBv2;
using Amazon.DynamoDBv2.Model;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Photos.Local.Template;

namespace Photos.Local.Engines;

/// <summary>Makes the table and the bucket where they are missing. Safe to repeat.</summary>
internal sealed class Provisioning(AWSCredentials credentials)
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Creates the table if there is none, and waits until it can be used.</summary>
    /// <exception cref="LocalHostException">Nothing answers there, or it refuses.</exception>
    internal async Task CreateTableAsync(Uri endpoint, TableDefinition table, CancellationToken cancellationToken)
    {
        using AmazonDynamoDBClient client = new(credentials, Configure<AmazonDynamoDBConfig>(endpoint));
        await AskAsync("DynamoDB", "AWS_ENDPOINT_URL_DYNAMODB", endpoint, async () =>
        {
            while (await StatusAsync(client, table.Name, cancellationToken) is var status && status != TableStatus.ACTIVE)
            {
                if (status is null)
                {
                    await client.CreateTableAsync(
                        new CreateTableRequest
                        {
                            TableName = table.Name,
                            BillingMode = BillingMode.PAY_PER_REQUEST,
                            AttributeDefinitions = [new(table.PartitionKey, ScalarAttributeType.S), new(table.SortKey, ScalarAttributeType.S)],
                            KeySchema = [new(table.PartitionKey, KeyType.HASH), new(table.SortKey, KeyType.RANGE)],
                        },
                        cancellationToken);
                }

                await Task.Delay(s_pollInterval, cancellationToken);
            }
        });
    }

    /// <summary>Creates the bucket, with its CORS rules, if there is none; one that is there is left as it is.</summary>
    /// <exception cref="LocalHostException">Nothing answers there, or it refuses.</exception>
    internal async Task CreateBucketAsync(Uri endpoint, BucketDefinition bucket, CancellationToken cancellationToken)
    {
        AmazonS3Config configuration = Configure<AmazonS3Config>(endpoint);
        configuration.ForcePathStyle = true;
        using AmazonS3Client client = new(credentials, configuration);
        await AskAsync("S3", "AWS_ENDPOINT_URL_S3", endpoint, async () =>
        {
            if (await ExistsAsync(client, bucket.Name, cancellationToken))
            {
                return;
            }

            await client.PutBucketAsync(bucket.Name, cancellationToken);
            if (bucket.CorsRules.Count > 0)
            {
                await client.PutCORSConfigurationAsync(bucket.Name, Configuration(bucket.CorsRules), cancellationToken);
            }
        });
    }

    private static async Task<TableStatus?> StatusAsync(
        AmazonDynamoDBClient client,
        string table,
        CancellationToken cancellationToken)
    {
        try
        {
            return (await client.DescribeTableAsync(table, cancellationToken)).Table.TableStatus;
        }
        catch (ResourceNotFoundException)
        {
            return null;
        }
    }

    private static async Task<bool> ExistsAsync(AmazonS3Client client, string bucket, CancellationToken cancellationToken)
    {
        try
        {
            await client.HeadBucketAsync(new HeadBucketRequest { BucketName = bucket }, cancellationToken);
            return true;
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
        catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.Forbidden)
        {
            // It is there; looking at the bucket is one permission more than the photos in it need.
            return true;
        }
    }

    private static CORSConfiguration Configuration(IEnumerable<BucketCorsRule> rules) => new()
    {
        Rules =
        [
            .. rules.Select(rule => new CORSRule
            {
                AllowedOrigins = [.. rule.AllowedOrigins],
                AllowedMethods = [.. rule.AllowedMethods],
                AllowedHeaders = [.. rule.AllowedHeaders],
                ExposeHeaders = [.. rule.ExposedHeaders],
                MaxAgeSeconds = rule.MaxAgeSeconds,
            }),
        ],
    };

    private static T Configure<T>(Uri endpoint)
        where T : ClientConfig, new() => new()
        {
            ServiceURL = endpoint.AbsoluteUri,
            AuthenticationRegion = Environment.GetEnvironmentVariable("AWS_REGION") ?? "us-east-1",
            MaxErrorRetry = 1,
        };

    private static async Task AskAsync(string service, string variable, Uri endpoint, Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (HttpRequestException exception)
        {
            throw new LocalHostException(
                $"No {service} answers at {endpoint} ({exception.Message}). Start it, or unset {variable} to use the built-in engine.");
        }
        catch (AmazonServiceException exception)
        {
            throw new LocalHostException(
                $"{service} at {endpoint} refused to set up the stack: {exception.Message} Check the engine and the credentials, then try again.");
        }
    }
}
