# syntax=docker/dockerfile:1
FROM node:24-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

# TypeScript runs as it stands, so nothing is built: the image is Node, the production dependencies and the sources.
FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
# The volume takes its owner from this folder. `node` (uid 1000) comes with the image.
RUN install -d -o node -g node -m 0700 /app/data
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
COPY commands ./commands
COPY src ./src
USER node
VOLUME /app/data
STOPSIGNAL SIGTERM
# Without a shell or npm in between, so that the signal reaches the bot.
CMD ["node", "src/main.ts"]
