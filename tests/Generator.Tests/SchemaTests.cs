using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataSsl.Generator.Families;
using DataSsl.Generator.Parsing;

namespace DataSsl.Generator.Tests;

/// <summary>The JSON schema that editors use says what the parser says.</summary>
public sealed class SchemaTests
{
    private static readonly JsonNode Schema = JsonNode.Parse(File.ReadAllText(Path.Combine(TestSpaces.Root, "spaces", "space.schema.json")))!;

    public static TheoryData<string> Spaces => [.. Directory.GetFiles(Path.Combine(TestSpaces.Root, "spaces"), "*.space.yaml").Select(f => Path.GetFileName(f)).Order()];

    [Theory]
    [MemberData(nameof(Spaces))]
    public void Every_shipped_space_names_the_schema_and_fits_it(string file)
    {
        var text = TestSpaces.Read(file);
        Assert.StartsWith("# yaml-language-server: $schema=space.schema.json\n", text);
        Assert.Equal([], Problems(Schema, Json(text), "$"));
        Assert.Empty(SpaceCompiler.Parse(file, text).Diagnostics);
    }

    [Theory]
    [InlineData("width: [4, 8]", "widht: [4, 8]")]
    [InlineData("size: 32", "size: none")]
    [InlineData("resolution: low", "resolution: lower")]
    [InlineData("step: 4", "step: 0")]
    [InlineData("anchors:", "constraints: [width growing]\nanchors:")]
    [InlineData("anchors:", "budgets: { a: 3 }\nanchors:")]
    public void It_refuses_what_the_parser_refuses(string from, string to)
    {
        Assert.Equal([], Problems(Schema, Json(TestSpaces.Tiny), "$"));
        Assert.NotEmpty(Problems(Schema, Json(TestSpaces.Tiny.Replace(from, to)), "$"));
    }

    /// <summary>The parser lists its keys when it meets one that is far from all of them.</summary>
    [Theory]
    [InlineData("space: Tiny", "space: Tiny\nqqqqqqqqqqqqqqqq: 1", "")]
    [InlineData("{ channels: 3,", "{ qqqqqqqqqqqqqqqq: 1, channels: 3,", "properties.input")]
    [InlineData("{ from: 8,", "{ qqqqqqqqqqqqqqqq: 1, from: 8,", "definitions.values.anyOf.2")]
    public void Its_keys_are_the_parsers(string from, string to, string path)
    {
        var unknown = SpaceCompiler.Parse("x.space.yaml", TestSpaces.Tiny.Replace(from, to)).Diagnostics.Single(d => d.Id == "DSG002");
        var known = unknown.Message.Split("known are ")[1].Split(", ");
        Assert.Equal(known.Order(), Keys(path));
    }

    [Fact]
    public void Its_families_and_axes_are_the_compilers()
    {
        Assert.Equal(Family.All.Select(f => f.Name).Order(), Schema["properties"]!["family"]!["enum"]!.AsArray().Select(n => (string)n!).Order());
        Assert.Equal(Family.All.SelectMany(f => f.StemAxes).Concat(["resolution", "patch"]).Distinct().Order(), Keys("properties.stem"));
        Assert.Equal(Family.All.SelectMany(f => f.StageAxes(0).Concat(f.StageAxes(1))).Append("stride").Distinct().Order(), Keys("properties.stages.items"));
    }

    private static IEnumerable<string> Keys(string path) =>
        path.Split('.', StringSplitOptions.RemoveEmptyEntries).Aggregate(Schema, (n, p) => int.TryParse(p, out var i) ? n[i]! : n[p]!)["properties"]!.AsObject().Select(p => p.Key).Order();

    /// <summary>The part of JSON schema that the file uses.</summary>
    private static IEnumerable<string> Problems(JsonNode schema, JsonNode? value, string at)
    {
        if ((string?)schema["$ref"] is { } reference) schema = reference.Split('/').Skip(1).Aggregate(Schema, (n, p) => n[p]!);
        if (schema["anyOf"] is JsonArray choices) return choices.Any(c => !Problems(c!, value, at).Any()) ? [] : [$"{at}: fits none"];
        if (schema["enum"] is JsonArray words) return words.Any(w => JsonNode.DeepEquals(w, value)) ? [] : [$"{at}: not one of {words}"];
        return ((string?)schema["type"], value) switch
        {
            ("integer", JsonValue v) => v.TryGetValue<int>(out var number) && number >= ((int?)schema["minimum"] ?? int.MinValue) ? [] : [$"{at}: not an integer"],
            ("string", JsonValue v) => (string?)schema["pattern"] is not { } pattern || Regex.IsMatch(v.ToString(), pattern) ? [] : [$"{at}: not of the form {pattern}"],
            ("array", JsonArray list) => list.SelectMany((item, i) => Problems(schema["items"]!, item, $"{at}[{i}]")),
            ("object", JsonObject map) => Properties(schema, map, at),
            var (type, _) => [$"{at}: not of type {type}"],
        };
    }

    private static IEnumerable<string> Properties(JsonNode schema, JsonObject map, string at)
    {
        foreach (var name in schema["required"]?.AsArray() ?? [])
            if (!map.ContainsKey((string)name!)) yield return $"{at}: no {name}";
        foreach (var (key, value) in map)
        {
            var property = schema["properties"]?[key] ?? (schema["additionalProperties"] as JsonObject);
            foreach (var problem in property is null ? [$"{at}: unknown {key}"] : Problems(property, value, $"{at}.{key}")) yield return problem;
        }
    }

    private static JsonNode Json(string yaml)
    {
        return Convert(YamlReader.Read(yaml, new YamlErrors("", yaml))!);

        static JsonNode Convert(YamlNode node) => node switch
        {
            YamlMapping map => new JsonObject(map.Entries.Select(e => KeyValuePair.Create(e.Key.Text, (JsonNode?)Convert(e.Value)))),
            YamlList list => new JsonArray([.. list.Items.Select(Convert)]),
            YamlScalar scalar => int.TryParse(scalar.Text, out var number) ? number : scalar.Text,
            _ => throw new InvalidOperationException(),
        };
    }
}
