using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DataSsl.Cli.Tests.Verbs;

/// <summary>Answers against what plain C# makes of the vectors that <c>embed</c> writes for the same images.</summary>
[Collection(nameof(ConsoleCollection))]
public sealed class SimilarTests(TrainedRun run)
{
    [Fact]
    public void The_nearest_of_a_query_are_those_of_a_brute_force()
    {
        var (train, test) = run.LabelledSets();
        var (bank, vectors) = (Vectors(train), Vectors(test));
        string[] queries = [.. vectors.Keys.Take(2)];
        var page = run.NewFolder();
        var json = Command.Succeed(
            [.. Asking("nearest", train), "--query", queries[0], "--query", queries[1], "--k", "10", "--out", page, "--json"]).Json;
        foreach (var (query, answer) in queries.Zip(json["queries"]!.AsArray()))
        {
            Assert.Equal(query, (string)answer!["query"]!);
            var expected = bank.OrderByDescending(one => Cosine(one.Value, vectors[query])).Take(10).ToArray();
            var nearest = answer["nearest"]!.AsArray();
            Assert.Equal(expected.Select(one => one.Key), nearest.Select(one => (string)one!["image"]!));
            Assert.All(
                expected.Zip(nearest), one => Assert.Equal(Cosine(one.First.Value, vectors[query]), (double)one.Second!["cosine"]!, 1e-9));
        }
        MustBeAPage(page, "nearest", pictures: 22, json);
    }

    /// <summary>Who asks with an image of the folder wants the others; a copy of it is one of them.</summary>
    [Fact]
    public void A_query_is_not_its_own_answer()
    {
        var (train, _) = run.LabelledSets();
        var folder = run.NewFolder();
        Directory.CreateDirectory(folder);
        var files = Directory.GetFiles(train, "*.png", SearchOption.AllDirectories).Order().Take(4).ToArray();
        foreach (var (i, file) in files.Index()) File.Copy(file, Path.Combine(folder, $"{i}.png"));
        File.Copy(files[2], Path.Combine(folder, "copy.png"));
        var lines = Command.Succeed([.. Asking("nearest", folder), "--query", Path.Combine(folder, "2.png"), "--k", "2"]).Output
            .Split('\n');
        Assert.StartsWith("nearest to ", lines[0]);
        Assert.Equal("  1.0000  copy.png", lines[2]);
        Assert.Matches(@"\A  0\.\d{4}  [013]\.png\z", lines[3]);
        Assert.Equal("", lines[4]);
        Directory.GetFiles(folder).Where(file => !file.EndsWith("2.png", StringComparison.Ordinal)).ToList().ForEach(File.Delete);
        Assert.Equal(
            $"--data {folder}: holds no image but the query '{folder}/2.png'; give others",
            Command.Refuse([.. Asking("nearest", folder), "--query", Path.Combine(folder, "2.png")]));
    }

    [Fact]
    public void Novelty_is_the_mean_distance_to_the_nearest_of_the_reference()
    {
        var (train, test) = run.LabelledSets();
        var classes = Directory.GetDirectories(train).Order().ToArray();
        string[] sets = [List(Of(classes[0])), List(Of(classes[1])), List(Of(Path.Combine(test, Path.GetFileName(classes[0]))))];
        var (reference, page) = (Vectors(sets[0]), run.NewFolder());
        var json = Command.Succeed(
            [
                .. Asking("novel", sets[1]), "--reference", sets[0], "--normal", sets[2], "--k", "3", "--show", "4", "--out", page,
                "--json",
            ]).Json;
        var (scores, normal) = (Scores(Vectors(sets[1])), Scores(Vectors(sets[2])));
        var own = reference.Select(one => Score(one.Value, reference.Where(other => other.Key != one.Key))).ToArray();
        var novel = json["novel"]!.AsArray();
        Assert.Equal(scores.OrderByDescending(one => one.Value).Select(one => one.Key), novel.Select(one => (string)one!["image"]!));
        foreach (var one in novel)
        {
            var expected = scores[(string)one!["image"]!];
            Assert.Equal(expected, (double)one["score"]!, 1e-9);
            Assert.Equal(own.Count(score => score < expected) / (double)own.Length, (double)one["above"]!);
        }
        var area = json["auroc"]!;
        Assert.Equal(
            scores.Values.Sum(p => normal.Values.Sum(n => p > n ? 1.0 : 0)) / (scores.Count * normal.Count), (double)area["value"]!, 1e-9);
        Assert.True((double)area["low"]! < (double)area["value"]! && (double)area["high"]! <= 1);
        MustBeAPage(page, "novel", pictures: 4 * 4, json);

        Dictionary<string, double> Scores(Dictionary<string, float[]> of) =>
            of.ToDictionary(one => one.Key, one => Score(one.Value, reference));

        static double Score(float[] vector, IEnumerable<KeyValuePair<string, float[]>> among) =>
            among.Select(one => 1 - Cosine(one.Value, vector)).Order().Take(3).Average();
    }

    /// <summary>Of pictures like the reference but for a spot the maps say that they are not, and in which quarter it is.</summary>
    [Fact]
    public void A_planted_spot_is_where_the_maps_say()
    {
        var (train, test) = run.LabelledSets();
        var name = Path.GetFileName(Directory.GetDirectories(train).Order().First());
        var (normal, spoilt, page) = (Path.Combine(test, name), run.NewFolder(), run.NewFolder());
        Directory.CreateDirectory(spoilt);
        foreach (var (i, file) in Of(normal).Index())
        {
            var image = Runtime.Data.ImageFile.Load(file);
            var (rgb, left, top) = (image.Rgb.ToArray(), image.Width * (1 + i % 2 * 4) / 8, image.Height * (1 + i / 2 % 2 * 4) / 8);
            for (var y = top; y < top + image.Height / 4; y++)
                for (var x = left; x < left + image.Width / 4; x++)
                    ((byte[])[255, 0, 255]).CopyTo(rgb, 3 * (y * image.Width + x));
            Runtime.Data.ImageFile.Save(Path.Combine(spoilt, $"{i}.png"), new(image.Width, image.Height, rgb));
        }
        string[] asking =
        [
            .. Asking("novel", spoilt), "--reference", Path.Combine(train, name), "--normal", normal, "--maps", "--coreset", "50%", "--k",
            "3", "--size", "96", "--seed", "4", "--json",
        ];
        var json = Command.Succeed([.. asking, "--out", page]).Json;
        Assert.Equal(json.ToJsonString(), Command.Succeed(asking).Json.ToJsonString());
        var maps = json["maps"]!;
        Assert.Equal(((int)maps["rows"]! * (int)maps["columns"]! * 10, (int)maps["drawn"]! / 2), ((int)maps["drawn"]!, (int)maps["kept"]!));
        Assert.InRange((double)json["auroc"]!["value"]!, 0.9, 1);
        // By a network that has learnt nothing, one may be wrong.
        Assert.InRange(json["novel"]!.AsArray().Count(one =>
        {
            var i = int.Parse(Path.GetFileNameWithoutExtension((string)one!["image"]!), CultureInfo.InvariantCulture);
            return (i % 2 == 1, i / 2 % 2 == 1) == ((double)one["at"]!["x"]! > 0.5, (double)one["at"]!["y"]! > 0.5);
        }), 4, 5);
        var html = File.ReadAllText(Path.Combine(page, "similar-novel.html"));
        Assert.Equal(5, Regex.Count(html, "<b>where it is strange</b>"));
        var refused = Command.Run([.. asking.Select(a => a == "50%" ? "0.1%" : a)]);
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("\ndatassl: --coreset: keeps positions of one image of --reference alone", refused.Error);
        Assert.True(Regex.Count(html, "<b>has what is nearest</b>") >= 5);
    }

    /// <summary>An image of another domain among those of one; its copy would hide it.</summary>
    [Fact]
    public void An_outlier_is_found_though_it_is_there_twice()
    {
        var (train, _) = run.LabelledSets();
        var folder = run.NewFolder();
        Directory.CreateDirectory(folder);
        foreach (var file in Of(Directory.GetDirectories(train).Order().First()))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var black = new Runtime.Data.Image(48, 48, new byte[3 * 48 * 48]);
        foreach (var name in new[] { "odd.png", "odd again.png" }) Runtime.Data.ImageFile.Save(Path.Combine(folder, name), black);
        var page = run.NewFolder();
        var done = Command.Succeed([.. Asking("outliers", folder), "--k", "1", "--show", "3", "--out", page]);
        Assert.Contains($"{folder}: 1 is a copy of others in it: left out, as an image is never strange beside its copy\n", done.Error);
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(page, "similar-outliers.json")))!.AsObject();
        var vectors = Vectors(folder).Where(one => Path.GetFileName(one.Key) != "odd.png").ToArray();
        var outliers = json["outliers"]!.AsArray();
        Assert.Equal(Path.Combine(folder, "odd again.png"), (string)outliers[0]!["image"]!);
        Assert.Equal(vectors.Length, outliers.Count);
        foreach (var one in outliers)
        {
            var (path, vector) = vectors.Single(v => v.Key == (string)one!["image"]!);
            Assert.Equal(vectors.Where(v => v.Key != path).Min(v => 1 - Cosine(v.Value, vector)), (double)one!["score"]!, 1e-9);
        }
        MustBeAPage(page, "outliers", pictures: 3 * 2, json);
    }

    [Fact]
    public void Clusters_are_the_same_for_the_same_seed_and_hold_every_image_once()
    {
        var (train, _) = run.LabelledSets();
        var page = run.NewFolder();
        string[] asking = [.. Asking("clusters", train), "--clusters", "3", "--show", "4", "--seed", "7", "--json"];
        var json = Command.Succeed([.. asking, "--out", page]).Json;
        Assert.Equal(json.ToJsonString(), Command.Succeed(asking).Json.ToJsonString());
        var clusters = json["clusters"]!.AsArray().Select(members => members!.AsArray().Select(one => (string)one!).ToArray()).ToArray();
        Assert.Equal(3, clusters.Length);
        Assert.Equal(Vectors(train).Keys.Order(), clusters.SelectMany(members => members).Order());
        Assert.Equal(clusters.OrderByDescending(members => members.Length), clusters);
        MustBeAPage(page, "clusters", clusters.Sum(members => Math.Min(4, members.Length)), json);
    }

    [Theory]
    [InlineData("--query is missing: ", "nearest")]
    [InlineData("cannot read the image 'nowhere.jpg': ", "nearest", "--query", "nowhere.jpg")]
    [InlineData("--reference is missing: ", "novel")]
    [InlineData("the image folder 'nowhere' does not exist", "novel", "--reference", "nowhere")]
    [InlineData("--coreset goes with --maps", "novel", "--reference", "nowhere", "--coreset", "5%")]
    [InlineData("--coreset 0%: give a share above 0 % and up to 100 %", "novel", "--reference", "nowhere", "--maps", "--coreset", "0%")]
    [InlineData("--k 0: give a whole number from 1 to ", "outliers", "--k", "0")]
    [InlineData("--clusters 99: ", "clusters", "--clusters", "99")]
    public void Bad_input_is_one_line_and_leaves_nothing(string start, string question, params string[] more)
    {
        var (train, _) = run.LabelledSets();
        var folder = run.NewFolder();
        Assert.StartsWith(start, Command.Refuse([.. Asking(question, train), .. more, "--out", folder]));
        Assert.False(Directory.Exists(folder));
    }

    /// <summary>An image that is known already says nothing of how well others are told from what is known.</summary>
    [Fact]
    public void What_is_in_the_reference_is_neither_novel_nor_a_test_of_it()
    {
        var (train, test) = run.LabelledSets();
        var name = Path.Combine(Path.GetFileName(Directory.GetDirectories(train).Order().First()), "0.png");
        Assert.Equal(
            $"--data {train}: 30 are copies of images of --reference, the first: '{name}' of '{name}'; give others, or ask for 'similar outliers' of one folder",
            Command.Refuse([.. Asking("novel", train), "--reference", train]));
        Assert.StartsWith(
            $"--normal {train}: 30 are copies of images of --reference, ",
            Command.Refuse([.. Asking("novel", test), "--reference", train, "--normal", train]));
    }

    private static string[] Of(string folder) => [.. Directory.GetFiles(folder, "*.png").Order()];

    private string List(string[] files)
    {
        var path = run.NewFolder() + ".txt";
        File.WriteAllLines(path, files);
        return path;
    }

    /// <summary>A class with statistics of its own: whatever images it is shown, it makes the same of each.</summary>
    private string[] Asking(string question, string data) => ["similar", question, .. Network(), "--data", data];

    private string[] Network()
    {
        var folder = run.File("similar");
        if (!Directory.Exists(folder))
            Command.Succeed(
                "emit", "--checkpoint", run.Run, "--arch", "Min", "--data", run.Data, "--images", "16", "--size", "32", "--name", "Seer",
                "--forms", "class", "--out", folder);
        return ["--emitted", Path.Combine(folder, "Seer.cs")];
    }

    private Dictionary<string, float[]> Vectors(string data)
    {
        var file = run.NewFolder() + ".csv";
        Command.Succeed(["embed", .. Network(), "--data", data, "--out", file]);
        return File.ReadAllLines(file).Skip(1).Select(line => line.Split(',')).ToDictionary(
            fields => fields[0], fields => fields[1..].Select(number => float.Parse(number, CultureInfo.InvariantCulture)).ToArray());
    }

    private static double Cosine(float[] a, float[] b)
    {
        return Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b));

        static double Dot(float[] x, float[] y) => x.Zip(y, (one, other) => (double)one * other).Sum();
    }

    /// <summary>One file with so many pictures in it, which decode, and with nothing that lies elsewhere; beside it the answer.</summary>
    private void MustBeAPage(string folder, string question, int pictures, JsonObject answer)
    {
        var html = File.ReadAllText(Path.Combine(folder, $"similar-{question}.html"));
        var found = Regex.Matches(html, "<img src=\"data:image/jpeg;base64,([^\"]+)\"");
        Assert.Equal(pictures, found.Count);
        Assert.Equal(pictures, Regex.Count(html, "<figure "));
        Assert.Empty(Regex.Matches(html, "(src|href)=\"(?!data:)"));
        var file = run.NewFolder() + ".jpg";
        File.WriteAllBytes(file, Convert.FromBase64String(found[0].Groups[1].Value));
        Assert.InRange(Runtime.Data.ImageFile.Load(file).Width, 16, 640);
        Assert.Equal(
            answer.ToJsonString(), JsonNode.Parse(File.ReadAllText(Path.Combine(folder, $"similar-{question}.json")))!.ToJsonString());
    }
}
