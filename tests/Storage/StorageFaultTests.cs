using System.Net;
using Album.Photos;
using Album.Storage;
using Amazon.DynamoDBv2;
using Amazon.Runtime;
using Amazon.S3;

namespace Album.Tests.Storage;

public class StorageFaultTests
{
    public static TheoryData<Exception, bool> Faults => new()
    {
        { Dynamo(HttpStatusCode.BadRequest, "ProvisionedThroughputExceededException"), true },
        { Dynamo(HttpStatusCode.BadRequest, "ThrottlingException"), true },
        { Dynamo(HttpStatusCode.BadRequest, "ExpiredTokenException"), true },
        { Dynamo(HttpStatusCode.InternalServerError, "InternalServerError"), true },
        { Dynamo(HttpStatusCode.BadRequest, "ValidationException"), false },
        { Dynamo(HttpStatusCode.BadRequest, "ResourceNotFoundException"), false },
        { Dynamo(HttpStatusCode.BadRequest, "AccessDeniedException"), false },
        { S3(HttpStatusCode.ServiceUnavailable, "SlowDown"), true },
        { S3(HttpStatusCode.BadRequest, "ExpiredToken"), true },
        { S3(HttpStatusCode.Forbidden, "AccessDenied"), false },
        { new AmazonServiceException("no answer", new HttpRequestException("refused")), true },
        { new AmazonClientException("closed"), true },
        { new HttpRequestException("refused"), true },
        { new TaskCanceledException("deadline"), true },
        { new TimeoutException(), true },
        { new IOException("reset"), true },
        { new InvalidOperationException("our bug"), false },
        { new KeyNotFoundException("name"), false },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void WhatPassesIsTellableFromWhatStays(Exception fault, bool passes)
    {
        PhotoException? refusal = StorageFault.From(fault);

        Assert.Equal(passes, refusal is not null);
        if (refusal is not null)
        {
            Assert.Equal(PhotoFault.StorageUnavailable, refusal.Fault);
            Assert.Same(fault, refusal.InnerException);
            Assert.DoesNotContain(fault.Message, refusal.Message, StringComparison.Ordinal);
        }
    }

    private static AmazonDynamoDBException Dynamo(HttpStatusCode status, string code) =>
        new($"dynamodb: {code}") { StatusCode = status, ErrorCode = code };

    private static AmazonS3Exception S3(HttpStatusCode status, string code) =>
        new($"s3: {code}") { StatusCode = status, ErrorCode = code };
}
