namespace DataSsl.EndToEnd;

/// <summary>One run of the demo, small, for every test that looks at what it made.</summary>
public sealed class DemoRun : IDisposable
{
    private readonly DirectoryInfo root = Directory.CreateTempSubdirectory("datassl-demo-");

    public DemoRun()
    {
        var demo = EmitProgram.DataSsl("demo", "--out", Folder, "--images", "160", "--epochs", "1", "--threads", "2").Succeeded();
        (Output, Error) = (demo.Output, demo.Error);
        EmitProgram.DataSsl(
                "emit", "--checkpoint", File("run"), "--arch", "Half", "--name", "Backbone", "--forms",
                "class,folded,onnx,csharp,onnx-uint8", "--out", Models, "--images", "32")
            .Succeeded();
    }

    /// <summary>What it printed.</summary>
    public string Output { get; }

    /// <summary>How it went on.</summary>
    public string Error { get; }

    public string Folder => Path.Combine(root.FullName, "demo");

    /// <summary>An anchor of its supernet, emitted afterwards as Backbone.</summary>
    public string Models => Path.Combine(root.FullName, "Models");

    public string File(params string[] names) => Path.Combine([Folder, .. names]);

    public void Dispose() => root.Delete(recursive: true);
}

/// <summary>Tests over one demo.</summary>
[CollectionDefinition(nameof(DemoCollection))]
public sealed class DemoCollection : ICollectionFixture<DemoRun>;
