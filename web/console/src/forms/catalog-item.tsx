import { Button, Checkbox, TagsInput, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { putItem } from "../api/catalog.ts";
import type { CatalogItem, CatalogItemInput } from "../api/types.ts";
import { t } from "../i18n/t.ts";
import { Failure } from "../parts/Failure.tsx";
import { Thumb } from "../parts/Thumb.tsx";
import css from "./Form.module.css";
import { JsonField, objectOf } from "./JsonField.tsx";
import { useSubmission } from "./submit.ts";

const INPUTS = [
  "item_id",
  "title",
  "url",
  "image_url",
  "price",
  "currency",
  "categories",
  "brand",
  "attributes",
];
const PRICE = /^\d+(\.\d+)?$/;
const CURRENCY = /^[A-Z]{3}$/;

export function CatalogItemForm({ item, onDone }: { item?: CatalogItem; onDone: () => void }) {
  const form = useForm({
    initialValues: {
      item_id: item?.item_id ?? "",
      title: item?.title ?? "",
      url: item?.url ?? "",
      image_url: item?.image_url ?? "",
      price: item?.price ?? "",
      currency: item?.currency ?? "",
      categories: item?.categories ?? [],
      brand: item?.brand ?? "",
      available: item?.available ?? true,
      attributes: JSON.stringify(item?.attributes ?? {}, null, 2),
    },
    validate: {
      item_id: (value) => (value.trim() ? null : t("catalog.required")),
      title: (value) => (value.trim() ? null : t("catalog.required")),
      price: (value) => (!value || PRICE.test(value) ? null : t("catalog.priceWrong")),
      currency: (value, { price }) => {
        if (!value) return price ? t("catalog.currencyMissing") : null;
        return CURRENCY.test(value) ? null : t("catalog.currencyWrong");
      },
      attributes: (value) => objectOf(value).error ?? null,
    },
  });
  const submission = useSubmission(form, INPUTS);

  async function submit(values: typeof form.values) {
    const written: CatalogItemInput = {
      ...values,
      url: values.url || null,
      image_url: values.image_url || null,
      price: values.price || null,
      currency: values.currency || null,
      brand: values.brand || null,
      attributes: objectOf(values.attributes).value ?? {},
    };
    if (await submission.send(() => putItem(written))) onDone();
  }

  return (
    <form onSubmit={form.onSubmit(submit)} noValidate className="k-stack">
      {submission.error && <Failure error={submission.error} />}
      <TextInput
        label={t("catalog.field.item_id")}
        description={t("catalog.field.item_idHint")}
        readOnly={item !== undefined}
        required
        withAsterisk={false}
        {...form.getInputProps("item_id")}
      />
      <TextInput label={t("catalog.field.title")} {...form.getInputProps("title")} />
      <TextInput label={t("catalog.field.url")} {...form.getInputProps("url")} />
      <div className={css.withThumb}>
        <TextInput label={t("catalog.field.image_url")} {...form.getInputProps("image_url")} />
        <Thumb src={form.values.image_url || null} size={58} />
      </div>
      <div className={css.pair}>
        <TextInput
          label={t("catalog.field.price")}
          description={t("catalog.field.priceHint")}
          inputMode="decimal"
          {...form.getInputProps("price")}
        />
        <TextInput
          label={t("catalog.field.currency")}
          description="ISO 4217"
          {...form.getInputProps("currency")}
        />
      </div>
      <div className={css.pair}>
        <TextInput label={t("catalog.field.brand")} {...form.getInputProps("brand")} />
        <TagsInput
          label={t("catalog.field.categories")}
          aria-description={t("catalog.field.categoriesHint")}
          {...form.getInputProps("categories")}
        />
      </div>
      <Checkbox
        label={t("catalog.field.available")}
        {...form.getInputProps("available", { type: "checkbox" })}
      />
      <JsonField
        label={t("catalog.field.attributes")}
        description={t("catalog.field.attributesHint")}
        {...form.getInputProps("attributes")}
        value={form.values.attributes}
      />
      <div>
        <Button type="submit" loading={submission.busy}>
          {t("catalog.save")}
        </Button>
      </div>
    </form>
  );
}
