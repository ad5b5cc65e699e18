using System.Net;
using Unroll.Serving.Tests.Fixtures;
using Unroll.Tasks.Data.Audio;

namespace Unroll.Serving.Tests.Http;

/// <summary>No request reads a file of the server, or learns whether there is one.</summary>
public sealed class ServerFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("unroll-private-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Data_of_a_request_name_no_file_of_the_server()
    {
        string wav = Path.Combine(_folder.FullName, "hi.wav");
        WavFile.Write(wav, [.. Enumerable.Range(0, 1300).Select(n => 0.3f * MathF.Sin(n * 0.7f))], 8000);
        await using Server server = await Server.Start(null, ("speech", TaskCase.Of("speech")));
        List<string> said = [];
        foreach (string path in (string[])[wav, wav + ".not", "/etc/passwd", "../../etc/passwd"])
        {
            Reply reply = await server.Send("POST", "/v1/models/speech/inspect?data=list.csv", $"path,label\n{path},hi\n");
            Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
            said.Add(reply.Text);
        }
        Assert.Single(said.Distinct());                      // the same, whether it is there or not
        Assert.DoesNotContain(AppContext.BaseDirectory, said[0]);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.Send("POST", "/v1/models/speech/predict", $"path,label\n{wav},hi\n")).Status);
    }

    [Fact]
    public async Task The_name_of_a_folder_of_the_server_is_a_name_like_any_other()
    {
        string name = Path.GetFileName(_folder.FullName), here = Directory.CreateDirectory(name).FullName;
        try
        {
            WavFile.Write(Path.Combine(here, "hi.wav"), [.. Enumerable.Range(0, 1300).Select(n => 0.3f * MathF.Sin(n * 0.7f))], 8000);
            await using Server server = await Server.Start(null, ("speech", TaskCase.Of("speech")));
            Reply reply = await server.Send("POST", $"/v1/models/speech/inspect?data={name}", "nothing");
            Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
            Assert.DoesNotContain("hi.wav", reply.Text);
        }
        finally
        {
            Directory.Delete(here, recursive: true);
        }
    }

    [Fact]
    public async Task Figures_that_cannot_be_read_do_not_tell_where_they_lie()
    {
        DirectoryInfo run = _folder.CreateSubdirectory("a");
        File.WriteAllText(Path.Combine(run.FullName, "config.json"), "{\"task\":\"lm\"}");
        await using Server server = await Server.Start(options => options.Runs = _folder.FullName, ("lm", TaskCase.Of("language")));
        File.WriteAllBytes(Path.Combine(run.FullName, "metrics.jsonl"), [.. "{\"epoch\":1,\"loss\":2}\n"u8, 0xff, 0xfe, (byte)'\n']);
        Reply reply = await server.Send("GET", "/v1/runs/a");
        Assert.Equal(HttpStatusCode.BadRequest, reply.Status);
        Assert.DoesNotContain(_folder.FullName, reply.Text);
    }
}
