// The three functions in Go with the AWS SDK, for make bench to compare with. Debian has no package of aws-lambda-go, so the loop on
// the Runtime API is the program's own. It does the same with the same HTTP client.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

type event struct {
	QueryStringParameters map[string]string
	PathParameters        map[string]string
	Body                  string
	RequestContext        struct {
		Authorizer struct{ Claims struct{ Sub string } }
	}
}

type response struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

type photo struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Date         string `json:"date"`
	Size         int64  `json:"size"`
	ContentType  string `json:"contentType"`
	URL          string `json:"url"`
	Status       string `json:"status"`
	ThumbnailURL string `json:"thumbnailUrl,omitempty"`
	Width        int    `json:"width,omitempty"`
	Height       int    `json:"height,omitempty"`
	Taken        string `json:"taken,omitempty"`
}

type item = map[string]types.AttributeValue

var (
	table        *dynamodb.Client
	bucket       *s3.Client
	presign      *s3.PresignClient
	cacheControl = aws.String("private, max-age=31536000, immutable")
	tableID      = aws.String(os.Getenv("PHOTO_TABLE"))
	bucketID     = aws.String(os.Getenv("PHOTO_BUCKET"))
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func s(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

func n(value int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(value, 10)}
}

func text(of item, name string) string {
	if value, ok := of[name].(*types.AttributeValueMemberS); ok {
		return value.Value
	}
	return ""
}

func number(of item, name string) int64 {
	value, ok := of[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	number, err := strconv.ParseInt(value.Value, 10, 64)
	check(err)
	return number
}

func url(ctx context.Context, key string, cacheControl *string) string {
	input := &s3.GetObjectInput{Bucket: bucketID, Key: &key, ResponseCacheControl: cacheControl}
	request, err := presign.PresignGetObject(ctx, input, s3.WithPresignExpires(30*time.Minute))
	check(err)
	return request.URL
}

func view(ctx context.Context, user string, from item) photo {
	id := text(from, "photoId")
	of := photo{
		ID: id, Name: text(from, "name"), Date: text(from, "date"), Size: number(from, "size"), ContentType: text(from, "contentType"),
		URL: url(ctx, fmt.Sprintf("private/%s/%s", user, id), cacheControl), Status: "processing",
	}
	if text(from, "rendered") == "ready" {
		of.Status = "ready"
		of.ThumbnailURL = url(ctx, fmt.Sprintf("renditions/%s/%s/thumbnail", user, id), nil)
		of.Width, of.Height, of.Taken = int(number(from, "width")), int(number(from, "height")), text(from, "taken")
	}
	return of
}

func listPhotos(ctx context.Context, user string, of event) (int, any) {
	limit, err := strconv.Atoi(of.QueryStringParameters["limit"])
	check(err)
	page, err := table.Query(ctx, &dynamodb.QueryInput{
		TableName:                 tableID,
		KeyConditionExpression:    aws.String("id = :user"),
		FilterExpression:          aws.String("attribute_not_exists(#state) OR NOT #state IN (:granted, :deleted)"),
		ExpressionAttributeNames:  map[string]string{"#state": "state"},
		ExpressionAttributeValues: item{":user": s(user), ":granted": s("granted"), ":deleted": s("deleted")},
		ScanIndexForward:          aws.Bool(false),
		Limit:                     aws.Int32(int32(limit) + 1),
		ConsistentRead:            aws.Bool(true),
	})
	check(err)
	photos := make([]photo, len(page.Items))
	for i, from := range page.Items {
		photos[i] = view(ctx, user, from)
	}
	return 200, struct {
		ID     string  `json:"id"`
		Photos []photo `json:"photos"`
	}{user, photos}
}

func writePhoto(ctx context.Context, user string, of event) (int, any) {
	var body struct{ ID, Name string }
	check(json.Unmarshal([]byte(of.Body), &body))
	key := fmt.Sprintf("private/%s/%s", user, body.ID)
	head, err := bucket.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucketID, Key: &key})
	check(err)
	update, err := table.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:           tableID,
		Key:                 item{"id": s(user), "photoId": s(body.ID)},
		UpdateExpression:    aws.String("SET #name = :name REMOVE #state, expires"),
		ConditionExpression: aws.String("#state = :granted AND expires > :now AND #size = :size AND contentType = :type"),
		ExpressionAttributeNames: map[string]string{
			"#name": "name", "#state": "state", "#size": "size",
		},
		ExpressionAttributeValues: item{
			":name": s(body.Name), ":granted": s("granted"), ":now": n(time.Now().Unix()), ":size": n(head.ContentLength),
			":type": s(aws.ToString(head.ContentType)),
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	check(err)
	return 201, view(ctx, user, update.Attributes)
}

func deletePhoto(ctx context.Context, user string, of event) (int, any) {
	id := of.PathParameters["id"]
	_, err := table.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:           tableID,
		Key:                 item{"id": s(user), "photoId": s(id)},
		UpdateExpression:    aws.String("SET #state = :deleted, expires = :expires REMOVE #name, #date, #size, contentType"),
		ConditionExpression: aws.String("attribute_exists(photoId) AND (attribute_not_exists(#state) OR #state = :granted)"),
		ExpressionAttributeNames: map[string]string{
			"#state": "state", "#name": "name", "#date": "date", "#size": "size",
		},
		ExpressionAttributeValues: item{
			":deleted": s("deleted"), ":granted": s("granted"), ":expires": n(time.Now().Add(24 * time.Hour).Unix()),
		},
	})
	check(err)
	key := fmt.Sprintf("private/%s/%s", user, id)
	_, err = bucket.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucketID, Key: &key})
	check(err)
	return 204, nil
}

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	check(err)
	table = dynamodb.NewFromConfig(settings, func(options *dynamodb.Options) {
		options.EndpointResolver = dynamodb.EndpointResolverFromURL(os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"))
	})
	bucket = s3.NewFromConfig(settings, func(options *s3.Options) {
		options.EndpointResolver = s3.EndpointResolverFromURL(os.Getenv("AWS_ENDPOINT_URL_S3"))
		options.UsePathStyle = true
	})
	presign = s3.NewPresignClient(bucket)
	handle := map[string]func(context.Context, string, event) (int, any){
		"ListPhotos": listPhotos, "WritePhoto": writePhoto, "DeletePhoto": deletePhoto,
	}[os.Getenv("_HANDLER")]
	headers := map[string]string{"Content-Type": "application/json", "Access-Control-Allow-Origin": os.Getenv("ALLOWED_ORIGIN")}
	runtime := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(runtime + "next")
		check(err)
		var of event
		check(json.NewDecoder(next.Body).Decode(&of))
		check(next.Body.Close())
		status, body := handle(ctx, of.RequestContext.Authorizer.Claims.Sub, of)
		result := response{StatusCode: status, Headers: headers}
		if body != nil {
			encoded, err := json.Marshal(body)
			check(err)
			result.Body = string(encoded)
		}
		encoded, err := json.Marshal(result)
		check(err)
		posted, err := http.Post(runtime+next.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/response", "application/json", bytes.NewReader(encoded))
		check(err)
		check(posted.Body.Close())
	}
}
