using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DataSsl.Generator.Families;
using DataSsl.Generator.Parsing;

namespace DataSsl.Generator.Tests;

/// <summary>The JSON schema that editors use says what the parser says.</summary>
public sealed class SchemaTests
{
    private static readonly JsonNode Schema = JsonNode.Parse(
        File.ReadAllText(Path.Combine(TestSpaces.Root, "spaces", "space.schema.json")))!;

    public static TheoryData<string> Spaces =>
        [.. Directory.GetFiles(Path.Combine(TestSpaces.Root, "spaces"), "*.space.yaml").Select(f => Path.GetFileName(f)).Order()];

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
        Assert.Equal(
            Family.All.Select(f => f.Name).Order(), Schema["properties"]!["family"]!["enum"]!.AsArray().Select(n => (string)n!).Order());
        Assert.Equal(Family.All.SelectMany(f => f.StemAxes).Concat(["resolution", "patch"]).Distinct().Order(), Keys("properties.stem"));
        Assert.Equal(
            Family.All.SelectMany(f => f.StageAxes(0).Concat(f.StageAxes(1))).Append("stride").Distinct().Order(),
            Keys("properties.stages.items"));
    }

    public static TheoryData<string> Families => [.. Family.All.Select(f => f.Name)];

    /// <summary>
    /// Which keys a family's stem, first stage and other stages take and need: each put in where it is not, and left out where it is.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void Its_keys_of_a_family_are_the_parsers(string name)
    {
        var family = Family.All.First(f => f.Name == name);
        var whole = new[] { Names(family.StemAxes), Names(family.StageAxes(0)), Names(family.StageAxes(1)) };
        Agree(whole, fits: true);
        var all = Keys("properties.stem").Concat(Keys("properties.stages.items")).Distinct().Except(["resolution"]).ToList();
        foreach (var segment in Enumerable.Range(0, whole.Length))
            foreach (var key in all)
                Agree(
                    [.. whole.Select((keys, i) => i != segment ? keys : keys.Contains(key) ? keys.Remove(key) : keys.Add(key))],
                    fits: null);

        void Agree(ImmutableList<string>[] keys, bool? fits)
        {
            var text =
                $"space: Any\nfamily: {name}\ninput: {{ size: 64 }}\nstem: {{ {Written(keys[0])} }}\nstages:\n  - {{ {Written(keys[1])} }}\n  - {{ {Written(keys[2])} }}\n  - {{ {Written(whole[2])} }}\n";
            var parsed = SpaceCompiler.Parse("any.space.yaml", text).Space is not null;
            Assert.True(parsed == !Problems(Schema, Json(text), "$").Any(), $"the parser says {parsed}:\n{text}");
            Assert.Equal(fits ?? parsed, parsed);
        }

        static ImmutableList<string> Names(IEnumerable<string> kinds) => [.. kinds];

        static string Written(IEnumerable<string> keys) => string.Join(", ", keys.Select(k => $"{k}: {(k == "patch" ? 8 : 1)}"));
    }

    private static IEnumerable<string> Keys(string path) =>
        path.Split('.', StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(Schema, (n, p) => int.TryParse(p, out var i) ? n[i]! : n[p]!)["properties"]!.AsObject().Select(p => p.Key).Order();

    /// <summary>The part of JSON schema that the file uses.</summary>
    private static IEnumerable<string> Problems(JsonNode schema, JsonNode? value, string at)
    {
        if (schema is JsonValue never) return (bool)never ? [] : [$"{at}: must not be there"];
        if ((string?)schema["$ref"] is { } reference) schema = reference.Split('/').Skip(1).Aggregate(Schema, (n, p) => n[p]!);
        if (schema["anyOf"] is JsonArray choices) return choices.Any(c => !Problems(c!, value, at).Any()) ? [] : [$"{at}: fits none"];
        if (schema["const"] is { } constant) return JsonNode.DeepEquals(constant, value) ? [] : [$"{at}: not {constant}"];
        if (schema["enum"] is JsonArray words) return words.Any(w => JsonNode.DeepEquals(w, value)) ? [] : [$"{at}: not one of {words}"];
        return ((string?)schema["type"], value) switch
        {
            ("integer", JsonValue v) =>
                v.TryGetValue<int>(out var number) && number >= ((int?)schema["minimum"] ?? int.MinValue) ? [] : [$"{at}: not an integer"],
            ("string", JsonValue v) =>
                (string?)schema["pattern"] is not { } pattern || Regex.IsMatch(v.ToString(), pattern)
                    ? []
                    : [$"{at}: not of the form {pattern}"],
            ("array" or null, JsonArray list) => list.SelectMany((item, i) => Problems(ItemSchema(schema, i), item, $"{at}[{i}]")),
            ("object" or null, JsonObject map) => Properties(schema, map, at).Concat(Conditions(schema, map, at)),
            var (type, _) => [$"{at}: not of type {type}"],
        };
    }

    /// <summary>One schema for every item, or one for each of the first and one for those after them.</summary>
    private static JsonNode ItemSchema(JsonNode schema, int i) =>
        schema["items"] is not JsonArray first ? schema["items"]! : i < first.Count ? first[i]! : schema["additionalItems"]!;

    private static IEnumerable<string> Conditions(JsonNode schema, JsonObject map, string at) =>
        (schema["allOf"]?.AsArray() ?? []).Where(c => !Problems(c!["if"]!, map, at).Any()).SelectMany(c => Problems(c!["then"]!, map, at));

    private static IEnumerable<string> Properties(JsonNode schema, JsonObject map, string at)
    {
        foreach (var name in schema["required"]?.AsArray() ?? [])
            if (!map.ContainsKey((string)name!)) yield return $"{at}: no {name}";
        foreach (var (key, value) in map)
        {
            var property = schema["properties"]?[key] ?? (schema["additionalProperties"] as JsonObject);
            if (property is null && schema["additionalProperties"] is null) continue;
            foreach (var problem in property is null ? [$"{at}: unknown {key}"] : Problems(property, value, $"{at}.{key}"))
                yield return problem;
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
